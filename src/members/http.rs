//! `/api/workspaces/{workspaceId}/members`

use super::service as members;
use crate::access::{CanLeave, CanOwn, CanView};
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::members::{Member, SaveMember, StoredMember};
use axum::Json;
use rest::answer::{Created, Deleted, Read, Saved, Tagged};
use rest::identity::UserId;
use rest::json;
use rest::list::{ListPage, ListQuery};
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn list(
    call: Call<CanView>,
    workspace_id: WorkspaceId,
    query: ListQuery<StoredMember>,
) -> Result<Json<ListPage<Member>>, Problem> {
    let page = members::list(&call, workspace_id, &query).await?;
    Ok(query.answer(page))
}

pub async fn get(
    call: Call<CanView>,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
) -> Result<Read<Member>, Problem> {
    let member = members::get(&call, workspace_id, &user).await?;
    Ok(Read::new(&condition, member)?)
}

pub async fn save(
    call: Call<CanOwn>,
    workspace_id: WorkspaceId,
    user: UserId,
    condition: Precondition,
    json::Json(body): json::Json<SaveMember>,
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
