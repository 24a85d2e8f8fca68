//! Deleting a workspace, which must not leave a project behind: see [`OpenMarker`].

use super::call::{Attempts, Call};
use super::error::ServiceError;
use super::precondition::Precondition;
use crate::cosmos::batch::Batch;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::items::Items;
use crate::cosmos::query::Query;
use crate::domain::access::{CanFinishDeletion, CanOwn, WorkspaceScope};
use crate::domain::id::WorkspaceId;
use crate::domain::project::StoredProject;
use crate::domain::workspace::{OpenMarker, StoredWorkspace};
use crate::domain::write::WriteId;
use std::num::NonZeroU32;

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Gone,
    /// Nobody deletes the workspace, or it has projects and stays.
    Open,
}

/// Deletes a workspace that has no projects.
pub async fn delete(
    call: &Call,
    id: WorkspaceId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let deleted = delete_when_empty(call, id, precondition).await;
    call.memberships.forget(id);
    deleted
}

async fn delete_when_empty(
    call: &Call,
    id: WorkspaceId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let (latest, scope) = call.open::<CanOwn>(id).await?;
        if !latest.item.is_closing() {
            precondition.check(&latest.etag)?;
            if has_projects(&call.items, &scope).await? {
                return Err(ServiceError::WorkspaceNotEmpty);
            }
            match close(call, &scope, latest).await {
                Err(StorageError::Changed | StorageError::NotFound) => continue,
                Err(error) if !error.outcome_is_unknown() => return Err(error.into()),
                _closed_or_unknown => {}
            }
        }
        return match settle(&call.items, id).await? {
            Settled::Gone => Ok(()),
            Settled::Open => Err(ServiceError::WorkspaceNotEmpty),
        };
    }
    Err(ServiceError::Contended)
}

/// From here on no project is made in the workspace.
async fn close(
    call: &Call,
    scope: &WorkspaceScope<CanOwn>,
    latest: Versioned<StoredWorkspace>,
) -> Result<(), StorageError> {
    let closing = latest.item.with_closing(true, call.write);
    let batch = Batch::new(scope)
        .delete(OpenMarker::ID, None)
        .replace(&closing, &latest.etag)?;
    Ok(call.items.execute(batch).await.map(drop)?)
}

/// Does the rest of a deletion, whoever began it. Any number of callers may, at the same time.
pub(super) async fn settle(items: &Items, id: WorkspaceId) -> Result<Settled, ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let Some(latest) = items.read_workspace(id).await? else {
            return Ok(Settled::Gone);
        };
        let Some(scope) = WorkspaceScope::of_closing(&latest.item) else {
            return Ok(Settled::Open);
        };
        let settled = if has_projects(items, &scope).await? {
            reopen(items, &scope, latest).await
        } else {
            let batch = Batch::new(&scope).delete(&id.to_string(), Some(&latest.etag));
            let deleted = items.execute(batch).await;
            deleted.map(|_| Settled::Gone).map_err(StorageError::from)
        };
        match settled {
            // Somebody else did something: look again.
            Err(StorageError::Changed | StorageError::NotFound | StorageError::AlreadyExists) => {}
            settled => return Ok(settled?),
        }
    }
    Err(ServiceError::Contended)
}

async fn reopen(
    items: &Items,
    scope: &WorkspaceScope<CanFinishDeletion>,
    latest: Versioned<StoredWorkspace>,
) -> Result<Settled, StorageError> {
    let open = latest.item.with_closing(false, WriteId::random());
    let batch = Batch::new(scope)
        .create(&open.open_marker())?
        .replace(&open, &latest.etag)?;
    items.execute(batch).await?;
    Ok(Settled::Open)
}

async fn has_projects<L>(items: &Items, scope: &WorkspaceScope<L>) -> Result<bool, StorageError> {
    let any = Query::<StoredProject>::new("")?;
    Ok(!items.query(scope, any, NonZeroU32::MIN).await?.is_empty())
}
