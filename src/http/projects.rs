//! `/api/workspaces/{workspaceId}/projects`

use super::etag::{IfNoneMatch, created, tagged};
use super::json::Json;
use super::list::{Filter, ListPage, ListQuery, Parameters};
use super::problem::Problem;
use crate::app::AppState;
use crate::cosmos::items::Items;
use crate::domain::caller::Caller;
use crate::domain::id::{ProjectId, WorkspaceId};
use crate::domain::project::{CreateProject, Project, UpdateProject, Visibility};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Tag};
use crate::service::precondition::Precondition;
use crate::service::project_list::{self, ProjectFilter, ProjectOrder};
use crate::service::projects;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub async fn create(
    caller: Caller,
    workspace_id: WorkspaceId,
    items: Items,
    Json(body): Json<CreateProject>,
) -> Result<Response, Problem> {
    let project = projects::create(&items, &caller, workspace_id, body).await?;
    let location = format!(
        "/api/workspaces/{workspace_id}/projects/{}",
        project.item.id
    );
    Ok(created(&location, &project))
}

pub async fn list(
    caller: Caller,
    workspace_id: WorkspaceId,
    query: ListQuery<ProjectFilter>,
    State(state): State<AppState>,
    items: Items,
) -> Result<axum::Json<ListPage<Project>>, Problem> {
    let page = project_list::list(
        &items,
        &state.continuations,
        &caller,
        workspace_id,
        &query.filter,
        query.limit,
        query.continuation.as_deref(),
    )
    .await?;
    Ok(query.answer(page))
}

impl Filter for ProjectFilter {
    fn read(parameters: &mut Parameters) -> Self {
        Self {
            visibility: parameters.take("visibility", Visibility::from_text),
            tag: parameters.take("tag", |text| Tag::new(text)),
            q: parameters.take("q", |text| Name::new(text)),
            order: parameters
                .take("orderBy", ProjectOrder::parse)
                .unwrap_or_default(),
        }
    }
}

pub async fn get(
    caller: Caller,
    workspace_id: WorkspaceId,
    id: ProjectId,
    if_none_match: IfNoneMatch,
    items: Items,
) -> Result<Response, Problem> {
    let project = projects::get(&items, &caller, workspace_id, id).await?;
    Ok(if_none_match.answer(&project))
}

pub async fn get_by_slug(
    caller: Caller,
    workspace_id: WorkspaceId,
    slug: Slug,
    if_none_match: IfNoneMatch,
    items: Items,
) -> Result<Response, Problem> {
    let project = projects::get_by_slug(&items, &caller, workspace_id, &slug).await?;
    Ok(if_none_match.answer(&project))
}

pub async fn update(
    caller: Caller,
    workspace_id: WorkspaceId,
    id: ProjectId,
    if_match: Precondition,
    items: Items,
    Json(patch): Json<UpdateProject>,
) -> Result<Response, Problem> {
    let project = projects::update(&items, &caller, workspace_id, id, &if_match, &patch).await?;
    Ok(tagged(&project))
}

pub async fn delete(
    caller: Caller,
    workspace_id: WorkspaceId,
    id: ProjectId,
    if_match: Precondition,
    items: Items,
) -> Result<Response, Problem> {
    projects::delete(&items, &caller, workspace_id, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
