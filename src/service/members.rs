//! Members of a workspace. They are a part of its item: its version is theirs.

use super::call::{Attempts, Call, NO_WORKSPACE, now};
use super::error::ServiceError;
use super::precondition::Precondition;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::{ETag, Versioned};
use crate::domain::access::{CanLeave, CanOwn, MemberLevel, WorkspaceScope, WriteLevel};
use crate::domain::caller::UserId;
use crate::domain::id::WorkspaceId;
use crate::domain::member::{Member, SaveMember, StoredMember};
use crate::domain::workspace::StoredWorkspace;

/// Makes a user a member, or gives a member another role. Returns whether they were none before.
pub async fn save(
    call: &Call,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
    SaveMember { role }: SaveMember,
) -> Result<(Versioned<Member>, bool), ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let (mut workspace, scope) = call.open::<CanOwn>(workspace_id).await?;
        let member = StoredMember {
            user_id: user.clone(),
            role,
        };
        if workspace.item.revision == call.write() {
            let etag = workspace.etag;
            let item = member.into();
            return Ok((Versioned { item, etag }, false));
        }
        let there = workspace.item.has_member(user);
        precondition.check_if_any(there.then_some(&workspace.etag))?;
        let is_new = workspace
            .item
            .save_member(member.clone(), now(), call.write())?;
        if let Some(etag) = write(call, &scope, workspace).await? {
            let item = member.into();
            return Ok((Versioned { item, etag }, is_new));
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
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let (mut workspace, scope) = call.open::<L>(workspace_id).await?;
        if workspace.item.revision == call.write() {
            return Ok(());
        }
        if workspace.item.has_member(user) {
            precondition.check(&workspace.etag)?;
        }
        workspace.item.remove_member(user, now(), call.write())?;
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
    let _forget = call.memberships.forget_after(scope.workspace_id());
    let written = call.items.replace(scope, item, &etag).await;
    let error = match written {
        Ok(workspace) => return Ok(Some(workspace.etag)),
        Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
        Err(error) => error,
    };
    let was_faster = matches!(error, StorageError::Changed);
    if !was_faster && !error.outcome_is_unknown() {
        return Err(error.into());
    }
    // It may have been this very write, with its answer lost on the way.
    let latest = call.items.read_workspace(scope.workspace_id()).await?;
    match latest.filter(|latest| latest.item.revision == call.write()) {
        Some(written) => Ok(Some(written.etag)),
        None if was_faster => Ok(None),
        None => Err(error.into()),
    }
}
