//! `/api/workspaces`

use super::deletion;
use super::service as workspaces;
use super::{MyWorkspace, Workspace, WorkspaceFields};
use crate::access::{CanOwn, CanView};
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::members::Membership;
use axum::Json;
use rest::answer::{Created, Deleted, Read, Tagged};
use rest::entity::Create;
use rest::idempotency::Keyed;
use rest::json;
use rest::list::{ListPage, ListQuery};
use rest::patch::Patch;
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn create(
    call: Call,
    Keyed { body, key }: Keyed<Create<WorkspaceFields>>,
) -> Result<Created<Workspace>, Problem> {
    let made = workspaces::create(&call, body, &key).await?;
    let location = format!("/api/workspaces/{}", made.item.id);
    Ok(Created { location, made })
}

pub async fn list(
    call: Call,
    query: ListQuery<Membership>,
) -> Result<Json<ListPage<MyWorkspace>>, Problem> {
    let page = workspaces::list(&call, &query).await?;
    Ok(query.answer(page))
}

pub async fn get(
    call: Call<CanView>,
    id: WorkspaceId,
    condition: Precondition,
) -> Result<Read<Workspace>, Problem> {
    let workspace = workspaces::get(&call, id).await?;
    Ok(Read::new(&condition, workspace)?)
}

pub async fn update(
    call: Call<CanOwn>,
    id: WorkspaceId,
    condition: Precondition,
    json::Json(patch): json::Json<Patch<WorkspaceFields>>,
) -> Result<Tagged<Workspace>, Problem> {
    let workspace = workspaces::update(&call, id, &condition, &patch).await?;
    Ok(Tagged(workspace))
}

pub async fn delete(
    call: Call<CanOwn>,
    id: WorkspaceId,
    condition: Precondition,
) -> Result<AccessChanged<Deleted>, Problem> {
    deletion::delete(&call, id, &condition).await?;
    Ok(AccessChanged(Deleted))
}
