//! `/api/workspaces`

use super::etag::{IfNoneMatch, created, tagged};
use super::idempotency::Keyed;
use super::json::Json;
use super::list::{ListPage, ListQuery};
use super::problem::Problem;
use super::request_log::AccessChanged;
use crate::domain::id::WorkspaceId;
use crate::domain::workspace::{CreateWorkspace, UpdateWorkspace, Workspace};
use crate::service::call::Call;
use crate::service::precondition::Precondition;
use crate::service::{deletion, workspaces};
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

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
    if_none_match: IfNoneMatch,
) -> Result<Response, Problem> {
    let workspace = workspaces::get(&call, id).await?;
    Ok(if_none_match.answer(&workspace))
}

pub async fn update(
    call: Call,
    id: WorkspaceId,
    if_match: Precondition,
    Json(patch): Json<UpdateWorkspace>,
) -> Result<Response, Problem> {
    let workspace = workspaces::update(&call, id, &if_match, &patch).await?;
    Ok(tagged(&workspace))
}

pub async fn delete(
    call: Call,
    id: WorkspaceId,
    if_match: Precondition,
) -> Result<Response, Problem> {
    deletion::delete(&call, id, &if_match).await?;
    Ok((StatusCode::NO_CONTENT, Extension(AccessChanged)).into_response())
}
