//! `/api/workspaces/{workspaceId}/projects`

use super::batch::service as project_batch;
use super::moves::service as moves;
use super::service as projects;
use crate::call::Call;
use crate::id::{ProjectId, WorkspaceId};
use crate::projects::batch::{ProjectBatch, ProjectBatchResult};
use crate::projects::list::{ProjectFilter, ProjectOrder, list as list_projects};
use crate::projects::moves::MoveProject;
use crate::projects::slug::Slug;
use crate::projects::{CreateProject, Project, UpdateProject, Visibility};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rest::etag::{self, created, tagged};
use rest::idempotency::Keyed;
use rest::json::Json;
use rest::list::{Filter, ListPage, ListQuery, Parameters};
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::text::{Name, Tag};

pub async fn create(
    call: Call,
    workspace_id: WorkspaceId,
    Keyed { body, key }: Keyed<CreateProject>,
) -> Result<Response, Problem> {
    let project = projects::create(&call, workspace_id, body, &key).await?;
    let location = format!(
        "/api/workspaces/{workspace_id}/projects/{}",
        project.item.id
    );
    Ok(created(&location, &project))
}

pub async fn list(
    call: Call,
    workspace_id: WorkspaceId,
    query: ListQuery<ProjectFilter>,
) -> Result<axum::Json<ListPage<Project>>, Problem> {
    let page = list_projects(
        &call,
        workspace_id,
        &query.filter,
        query.limit,
        query.continuation.as_deref(),
    )
    .await?;
    Ok(query.answer(page))
}

impl Filter for ProjectFilter {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            visibility: parameters.take("visibility", Visibility::from_text),
            tag: parameters.take("tag", |text| Tag::new(text)),
            q: parameters.take("q", |text| Name::new(text)),
            order: parameters
                .take("orderBy", ProjectOrder::parse)
                .unwrap_or_default(),
        })
    }
}

pub async fn get(
    call: Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
) -> Result<Response, Problem> {
    let project = projects::get(&call, workspace_id, id).await?;
    etag::read(&condition, &project)
}

pub async fn get_by_slug(
    call: Call,
    workspace_id: WorkspaceId,
    slug: Slug,
    condition: Precondition,
) -> Result<Response, Problem> {
    let project = projects::get_by_slug(&call, workspace_id, &slug).await?;
    etag::read(&condition, &project)
}

pub async fn update(
    call: Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
    Json(patch): Json<UpdateProject>,
) -> Result<Response, Problem> {
    let project = projects::update(&call, workspace_id, id, &condition, &patch).await?;
    Ok(tagged(&project))
}

pub async fn delete(
    call: Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
) -> Result<Response, Problem> {
    projects::delete(&call, workspace_id, id, &condition).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn start_move(
    call: Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
    Keyed { body, key }: Keyed<MoveProject>,
) -> Result<Response, Problem> {
    let target = body.target_workspace_id;
    let moved = moves::start(&call, workspace_id, id, target, &condition, &key).await?;
    Ok(tagged(&moved))
}

pub async fn batch(
    call: Call,
    workspace_id: WorkspaceId,
    Keyed { body, key }: Keyed<ProjectBatch>,
) -> Result<axum::Json<ProjectBatchResult>, Problem> {
    let done = project_batch::execute(&call, workspace_id, &body, &key).await?;
    Ok(axum::Json(done))
}

rest::path_parameter!(crate::state::AppState, "slug", Slug, parse);
