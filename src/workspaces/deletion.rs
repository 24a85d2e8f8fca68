//! Deleting a workspace, which must not leave an entity behind: see [`OpenMarker`].

use crate::access::{CanOwn, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::projects::moves::leftover::without_leftovers;
use crate::workspaces::contents::any_entity;
use crate::workspaces::reconciliation::{PAGE, end_memberships};
use crate::workspaces::reopening::{Settled, put_marker_back, reopen, settle};
use crate::workspaces::{OpenMarker, StoredWorkspace, stored};
use cosmos_store::batch::Batch;
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use custom_handler::telemetry::Causes;
use rest::precondition::Precondition;
use std::time::Instant;

/// Deletes a workspace that has nothing in it.
///
/// It is closed first, so that nothing is created any more, then looked through, and then deleted. Only
/// the request that closed it deletes it: any other that finds it closed opens it again.
pub async fn delete(
    call: &Call<CanOwn>,
    id: WorkspaceId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let _forget = call.memberships.forget_after(id, &call.caller.id);
    let mut attempts = Attempts::default();
    let (mut has_closed, mut open_question) = (false, None);
    while attempts.next().await {
        let (latest, scope) = match call.open(id).await {
            Err(ServiceError::Hidden) if has_closed => return gone(&call.items, id).await,
            opened => opened?,
        };
        if latest.item.is_closing() && latest.item.revision == call.write() {
            has_closed = true;
            if delete_closed(call, latest).await? {
                return Ok(());
            }
            continue;
        }
        if let Some(error) = open_question.take() {
            return Err(error);
        }
        precondition.check(&latest.etag)?;
        if latest.item.is_closing() {
            settle(&call.items, id).await?;
            continue;
        }
        if !is_empty(&call.items, &scope).await? {
            return Err(ServiceError::WorkspaceNotEmpty);
        }
        match close(call, &scope, latest).await {
            Ok(()) => has_closed = true,
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => {
                put_marker_back(&call.items, id).await?;
            }
            // The next look tells whether it is closed.
            Err(error) if error.outcome_is_unknown() => open_question = Some(error.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

/// A caller who closed the workspace and cannot see it any more has deleted it, or is not a member any more.
async fn gone(items: &Items, id: WorkspaceId) -> Result<(), ServiceError> {
    match settle(items, id).await? {
        Settled::Gone => Ok(()),
        Settled::Open => Err(ServiceError::Hidden),
    }
}

/// From here on nothing is created in the workspace.
async fn close(
    call: &Call<CanOwn>,
    scope: &WorkspaceScope<CanOwn>,
    latest: Versioned<StoredWorkspace>,
) -> Result<(), StorageError> {
    let closing = latest.item.with_closing(true, call.write());
    let batch = Batch::new(scope)
        .delete("marker", OpenMarker::ID, None)
        .replace("workspace", &closing, Some(&latest.etag))?;
    Ok(call.items.execute(batch).await.map(drop)?)
}

/// Deletes the workspace, or opens it again if it has something in it after all. Returns false when somebody
/// else did something meanwhile.
async fn delete_closed(
    call: &Call<CanOwn>,
    latest: Versioned<StoredWorkspace>,
) -> Result<bool, ServiceError> {
    let items = &call.items;
    let scope = WorkspaceScope::internal(latest.item.id);
    if !is_empty(items, &scope).await? {
        reopen(items, latest).await?;
        return Err(ServiceError::WorkspaceNotEmpty);
    }
    let id = latest.item.id;
    let deleted = latest.item.deleted(call.write());
    match items.replace(&scope, deleted, &latest.etag).await {
        Ok(_) | Err(StorageError::NotFound) => {}
        Err(StorageError::Changed) => return Ok(false),
        Err(error) if error.outcome_is_unknown() => {
            if stored::read(items, id).await?.is_some() {
                return Err(error.into());
            }
        }
        Err(error) => return Err(error.into()),
    }
    // What is left over, the timer finds.
    if let Err(error) = end_all_memberships(call, id).await {
        tracing::warn!(error = %Causes(&error), "memberships of a deleted workspace are left");
    }
    Ok(true)
}

/// Ends as many memberships as there is time for.
async fn end_all_memberships(call: &Call<CanOwn>, id: WorkspaceId) -> Result<(), ServiceError> {
    let until = call.items.well_before_the_deadline();
    loop {
        let users = end_memberships(&call.items, id).await?;
        for user in &users {
            call.memberships.forget(id, user);
        }
        if users.len() < PAGE as usize || Instant::now() > until {
            return Ok(());
        }
    }
}

async fn is_empty<L>(items: &Items, scope: &WorkspaceScope<L>) -> Result<bool, ServiceError> {
    let found = any_entity(items, scope).await?;
    let found = without_leftovers(items, scope, found).await?;
    Ok(found.is_none())
}
