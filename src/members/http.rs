//! `/api/workspaces/{workspaceId}/members/{userId}`

use super::service as members;
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::members::SaveMember;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rest::etag::{created, tagged};
use rest::identity::UserId;
use rest::json::Json;
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn save(
    call: Call,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
    Json(body): Json<SaveMember>,
) -> Result<Response, Problem> {
    let (member, is_new) = members::save(&call, workspace_id, &user, &condition, body).await?;
    let location = format!("/api/workspaces/{workspace_id}/members/{}", user.shown());
    let answer = if is_new {
        created(&location, &member)
    } else {
        tagged(&member)
    };
    Ok((Extension(AccessChanged), answer).into_response())
}

pub async fn remove(
    call: Call,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
) -> Result<Response, Problem> {
    members::remove(&call, workspace_id, &user, &condition).await?;
    Ok((StatusCode::NO_CONTENT, Extension(AccessChanged)).into_response())
}

rest::path_parameter!(crate::state::AppState, "userId", UserId, parse_shown);
