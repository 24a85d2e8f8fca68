//! `/api/workspaces/{workspaceId}/members/{userId}`

use super::etag::{created, tagged};
use super::json::Json;
use super::problem::Problem;
use super::request_log::AccessChanged;
use crate::domain::caller::UserId;
use crate::domain::id::WorkspaceId;
use crate::domain::member::SaveMember;
use crate::service::call::Call;
use crate::service::members;
use crate::service::precondition::Precondition;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use url::form_urlencoded::byte_serialize;

pub async fn save(
    call: Call,
    workspace_id: WorkspaceId,
    user: UserId,
    if_match: Precondition,
    Json(body): Json<SaveMember>,
) -> Result<Response, Problem> {
    let (member, is_new) = members::save(&call, workspace_id, &user, &if_match, body).await?;
    let user: String = byte_serialize(user.as_str().as_bytes()).collect();
    let location = format!("/api/workspaces/{workspace_id}/members/{user}");
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
    if_match: Precondition,
) -> Result<Response, Problem> {
    members::remove(&call, workspace_id, &user, &if_match).await?;
    Ok((StatusCode::NO_CONTENT, Extension(AccessChanged)).into_response())
}
