//! Members of a workspace. They are a part of its item: its version is theirs.

use crate::access::{self, CanLeave, CanOwn, MemberLevel, WriteLevel};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::{Member, SaveMember, StoredMember};
use cosmos_store::change::Decision;
use cosmos_store::etag::Versioned;
use rest::identity::UserId;
use rest::precondition::Precondition;
use rest::timestamp::Timestamp;

/// Makes a user a member, or gives a member another role. Returns whether they were none before.
pub async fn save(
    call: &Call<CanOwn>,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
    SaveMember { role }: &SaveMember,
) -> Result<(Versioned<Member>, bool), ServiceError> {
    let _forget = call.memberships.forget_after(workspace_id);
    let member = StoredMember {
        user_id: user.clone(),
        role: *role,
    };
    let mut is_new = false;
    let saved = access::change_workspace::<CanOwn>(call.signed(), workspace_id, |mut workspace| {
        let there = workspace.item.has_member(user);
        precondition.check_if_any(there.then_some(&workspace.etag))?;
        is_new = workspace
            .item
            .save_member(member.clone(), Timestamp::now(), call.write())?;
        Ok(Decision::Write(workspace.item))
    });
    let etag = saved.await?.etag;
    let item = member.into();
    Ok((Versioned { item, etag }, is_new))
}

/// Ends a membership: an owner may end anybody's, everybody their own.
pub async fn remove(
    call: &Call<CanLeave>,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    if *user == call.caller.id {
        remove_as::<CanLeave>(call, workspace_id, user, precondition).await
    } else {
        remove_as::<CanOwn>(call, workspace_id, user, precondition).await
    }
}

async fn remove_as<L: MemberLevel + WriteLevel>(
    call: &Call<CanLeave>,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let _forget = call.memberships.forget_after(workspace_id);
    let removed = access::change_workspace::<L>(call.signed(), workspace_id, |mut workspace| {
        if workspace.item.has_member(user) {
            precondition.check(&workspace.etag)?;
        }
        workspace
            .item
            .remove_member(user, Timestamp::now(), call.write())?;
        Ok(Decision::Write(workspace.item))
    });
    removed.await.map(drop)
}
