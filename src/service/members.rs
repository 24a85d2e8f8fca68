//! Members of a workspace. They are a part of its item: its version is theirs.

use super::call::{Call, MAX_ATTEMPTS, NO_WORKSPACE, now};
use super::error::ServiceError;
use super::precondition::Precondition;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::{ETag, Versioned};
use crate::domain::access::{CanLeave, CanOwn, MemberLevel, WorkspaceScope, WriteLevel};
use crate::domain::caller::UserId;
use crate::domain::id::WorkspaceId;
use crate::domain::member::{Member, SaveMember};
use crate::domain::workspace::StoredWorkspace;

/// Makes a user a member, or gives a member another role. Returns whether they were none before.
pub async fn save(
    call: &Call,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
    SaveMember { role }: SaveMember,
) -> Result<(Versioned<Member>, bool), ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (mut workspace, scope) = call.open::<CanOwn>(workspace_id).await?;
        precondition.check(&workspace.etag)?;
        let member = Member {
            user_id: user.clone(),
            role,
        };
        let is_new = workspace.item.save_member(member.clone(), now())?;
        if let Some(etag) = write(call, &scope, workspace).await? {
            return Ok((Versioned { item: member, etag }, is_new));
        }
    }
    Err(ServiceError::Contended)
}

/// Ends a membership: an owner may end anybody's, everybody their own.
pub async fn remove(
    call: &Call,
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
    call: &Call,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (mut workspace, scope) = call.open::<L>(workspace_id).await?;
        precondition.check(&workspace.etag)?;
        workspace.item.remove_member(user, now())?;
        if write(call, &scope, workspace).await?.is_some() {
            return Ok(());
        }
    }
    Err(ServiceError::Contended)
}

/// Returns the new version, or nothing when somebody else was faster.
async fn write<L: WriteLevel>(
    call: &Call,
    scope: &WorkspaceScope<L>,
    Versioned { item, etag }: Versioned<StoredWorkspace>,
) -> Result<Option<ETag>, ServiceError> {
    let written = call.items.replace(scope, item, &etag).await;
    call.memberships.forget(scope.workspace_id());
    match written {
        Ok(workspace) => Ok(Some(workspace.etag)),
        Err(StorageError::Changed) => Ok(None),
        Err(StorageError::NotFound) => Err(NO_WORKSPACE),
        Err(error) => Err(error.into()),
    }
}
