//! `/api/workspaces/{workspaceId}/members/{userId}`

use super::service as members;
use crate::access::{CanLeave, CanOwn};
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::members::{Member, SaveMember};
use rest::answer::{Created, Deleted, Saved, Tagged};
use rest::identity::UserId;
use rest::json::Json;
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn save(
    call: Call<CanOwn>,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
    Json(body): Json<SaveMember>,
) -> Result<AccessChanged<Saved<Member>>, Problem> {
    let (made, is_new) = members::save(&call, workspace_id, &user, &condition, &body).await?;
    let location = format!("/api/workspaces/{workspace_id}/members/{}", user.shown());
    Ok(AccessChanged(if is_new {
        Saved::New(Created { location, made })
    } else {
        Saved::Replaced(Tagged(made))
    }))
}

pub async fn remove(
    call: Call<CanLeave>,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
) -> Result<AccessChanged<Deleted>, Problem> {
    members::remove(&call, workspace_id, &user, &condition).await?;
    Ok(AccessChanged(Deleted))
}
