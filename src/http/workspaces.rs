//! `/api/workspaces`

use super::etag::{IfNoneMatch, created, tagged};
use super::json::Json;
use super::list::{ListPage, ListQuery};
use super::problem::Problem;
use crate::app::AppState;
use crate::cosmos::items::Items;
use crate::domain::caller::Caller;
use crate::domain::id::WorkspaceId;
use crate::domain::workspace::{CreateWorkspace, UpdateWorkspace, Workspace};
use crate::service::precondition::Precondition;
use crate::service::workspaces;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub async fn create(
    caller: Caller,
    items: Items,
    Json(body): Json<CreateWorkspace>,
) -> Result<Response, Problem> {
    let workspace = workspaces::create(&items, &caller, body).await?;
    let location = format!("/api/workspaces/{}", workspace.item.id);
    Ok(created(&location, &workspace))
}

pub async fn list(
    caller: Caller,
    query: ListQuery<()>,
    State(state): State<AppState>,
    items: Items,
) -> Result<axum::Json<ListPage<Workspace>>, Problem> {
    let token = query.continuation.as_deref();
    let page = workspaces::list(&items, &state.continuations, &caller, query.limit, token).await?;
    Ok(query.answer(page))
}

pub async fn get(
    caller: Caller,
    id: WorkspaceId,
    if_none_match: IfNoneMatch,
    items: Items,
) -> Result<Response, Problem> {
    let workspace = workspaces::get(&items, &caller, id).await?;
    Ok(if_none_match.answer(&workspace))
}

pub async fn update(
    caller: Caller,
    id: WorkspaceId,
    if_match: Precondition,
    items: Items,
    Json(patch): Json<UpdateWorkspace>,
) -> Result<Response, Problem> {
    let workspace = workspaces::update(&items, &caller, id, &if_match, &patch).await?;
    Ok(tagged(&workspace))
}

pub async fn delete(
    caller: Caller,
    id: WorkspaceId,
    if_match: Precondition,
    items: Items,
) -> Result<Response, Problem> {
    workspaces::delete(&items, &caller, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
