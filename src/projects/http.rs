//! `/api/workspaces/{workspaceId}/projects`

use super::service as projects;
use super::slug::Slug;
use super::{Project, ProjectFields};
use crate::access::{CanEdit, CanView};
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::projects::id::ProjectId;
use axum::Json;
use rest::answer::{Created, Deleted, Read, Tagged};
use rest::entity::Create;
use rest::idempotency::Keyed;
use rest::json;
use rest::list::{ListPage, ListQuery};
use rest::patch::Patch;
use rest::precondition::Precondition;
use rest::problem::Problem;

pub async fn create(
    call: Call<CanEdit>,
    workspace_id: WorkspaceId,
    Keyed { body, key }: Keyed<Create<ProjectFields>>,
) -> Result<Created<Project>, Problem> {
    let made = projects::create(&call, workspace_id, body, &key).await?;
    let location = format!("/api/workspaces/{workspace_id}/projects/{}", made.item.id);
    Ok(Created { location, made })
}

pub async fn list(
    call: Call<CanView>,
    workspace_id: WorkspaceId,
    query: ListQuery<ProjectFields>,
) -> Result<Json<ListPage<Project>>, Problem> {
    let page = projects::list(&call, workspace_id, &query).await?;
    Ok(query.answer(page))
}

pub async fn get(
    call: Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
) -> Result<Read<Project>, Problem> {
    let project = projects::get(&call, workspace_id, id).await?;
    Ok(Read::new(&condition, project)?)
}

pub async fn get_by_slug(
    call: Call,
    workspace_id: WorkspaceId,
    slug: Slug,
    condition: Precondition,
) -> Result<Read<Project>, Problem> {
    let project = projects::get_by_slug(&call, workspace_id, &slug).await?;
    Ok(Read::new(&condition, project)?)
}

pub async fn update(
    call: Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
    json::Json(patch): json::Json<Patch<ProjectFields>>,
) -> Result<Tagged<Project>, Problem> {
    let project = projects::update(&call, workspace_id, id, &condition, &patch).await?;
    Ok(Tagged(project))
}

pub async fn delete(
    call: Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
) -> Result<Deleted, Problem> {
    projects::delete(&call, workspace_id, id, &condition).await?;
    Ok(Deleted)
}
