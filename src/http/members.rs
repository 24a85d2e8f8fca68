//! `/api/workspaces/{workspaceId}/members/{userId}`

use super::etag::{created, tagged};
use super::json::Json;
use super::problem::Problem;
use crate::domain::caller::UserId;
use crate::domain::id::WorkspaceId;
use crate::domain::member::SaveMember;
use crate::service::call::Call;
use crate::service::members;
use crate::service::precondition::Precondition;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub async fn save(
    call: Call,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
    Json(body): Json<SaveMember>,
) -> Result<Response, Problem> {
    let (member, is_new) = members::save(&call, workspace_id, &user, &condition, body).await?;
    let location = format!("/api/workspaces/{workspace_id}/members/{}", user.shown());
    Ok(if is_new {
        created(&location, &member)
    } else {
        tagged(&member)
    })
}

pub async fn remove(
    call: Call,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
) -> Result<Response, Problem> {
    members::remove(&call, workspace_id, &user, &condition).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
