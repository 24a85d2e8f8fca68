//! `/api/workspaces`

use super::deletion;
use super::service as workspaces;
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::workspaces::{CreateWorkspace, UpdateWorkspace, Workspace};
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rest::etag::{self, created, tagged};
use rest::idempotency::Keyed;
use rest::json::Json;
use rest::list::{ListPage, ListQuery};
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn create(
    call: Call,
    Keyed { body, key }: Keyed<CreateWorkspace>,
) -> Result<Response, Problem> {
    let workspace = workspaces::create(&call, body, &key).await?;
    let location = format!("/api/workspaces/{}", workspace.item.id);
    Ok(created(&location, &workspace))
}

pub async fn list(
    call: Call,
    query: ListQuery<()>,
) -> Result<axum::Json<ListPage<Workspace>>, Problem> {
    let token = query.continuation.as_deref();
    let page = workspaces::list(&call, query.limit, token).await?;
    Ok(query.answer(page))
}

pub async fn get(
    call: Call,
    id: WorkspaceId,
    condition: Precondition,
) -> Result<Response, Problem> {
    let workspace = workspaces::get(&call, id).await?;
    etag::read(&condition, &workspace)
}

pub async fn update(
    call: Call,
    id: WorkspaceId,
    condition: Precondition,
    Json(patch): Json<UpdateWorkspace>,
) -> Result<Response, Problem> {
    let workspace = workspaces::update(&call, id, &condition, &patch).await?;
    Ok(tagged(&workspace))
}

pub async fn delete(
    call: Call,
    id: WorkspaceId,
    condition: Precondition,
) -> Result<Response, Problem> {
    deletion::delete(&call, id, &condition).await?;
    Ok((StatusCode::NO_CONTENT, Extension(AccessChanged)).into_response())
}
