//! Moving a project to another workspace: see [`crate::projects::moves`] for the steps.

use super::finish::{Outcome, settle};
use super::intents::{forget_if_possible, keep};
use super::marking::with_mark;
use super::protocol::{Found, Seen, Step, next};
use crate::access::{CanEdit, WorkspaceScope};
use crate::call::Call;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::projects::find::{NO_PROJECT, find};
use crate::projects::id::ProjectId;
use crate::projects::moves::{Intent, Mark};
use crate::projects::{Project, StoredProject};
use cosmos_store::error::StorageError;
use cosmos_store::etag::{ETag, Versioned};
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use rest::precondition::Precondition;
use rest::timestamp::Timestamp;
use rest::violations::Violations;

/// Moves a project. The caller must be an editor in both workspaces.
pub async fn start(
    call: &Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    target: WorkspaceId,
    precondition: &Precondition,
    key: &IdempotencyKey,
) -> Result<Versioned<Project>, ServiceError> {
    if workspace_id == target {
        let detail = "must be another workspace";
        return Err(Violations::one("/targetWorkspaceId", detail).into());
    }
    let from = call.authorise(workspace_id).await?;
    let slot = key.slot(call.caller.id.as_str(), workspace_id);
    let moved = match begin(call, &from, target, id, precondition, &slot).await {
        Ok(marked) => match settle(&call.items, workspace_id, marked).await? {
            Outcome::Moved(moved) => moved,
            // The target was deleted meanwhile.
            Outcome::Stays(_) => return Err(NO_WORKSPACE),
        },
        // A repeat of this request may have been faster, or this is the repeat.
        Err(error) => {
            let moved = call.first_answer(&slot).await?;
            return moved.map(unversioned).ok_or(error);
        }
    };
    let now = find(&call.items, &WorkspaceScope::internal(target), id).await?;
    let unchanged = now.filter(|now| now.item.revision == call.write());
    Ok(Versioned {
        item: moved,
        etag: unchanged.map(|now| now.etag).unwrap_or_default(),
    })
}

fn unversioned(item: Project) -> Versioned<Project> {
    Versioned {
        item,
        etag: ETag::default(),
    }
}

/// Returns the project with its mark.
async fn begin(
    call: &Call<CanEdit>,
    from: &WorkspaceScope<CanEdit>,
    target: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
    slot: &RecordSlot,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = find(&call.items, from, id).await?.ok_or(NO_PROJECT)?;
    let found = match project.item.state.mark() {
        None => Found::Free,
        // This very request has been here before.
        Some(mark) if mark.slot == *slot => Found::MarkedBySelf,
        Some(_) => Found::MarkedByOther,
    };
    match next(project.item.state.next_move(), Seen::Project(found)) {
        // Read after the project: it may have been moved, and moved back, since an earlier look at the record.
        Step::Begin if call.first_answer::<Project>(slot).await?.is_some() => {
            return Err(ServiceError::Contended);
        }
        Step::Begin => precondition.check(&project.etag)?,
        Step::Arrive => return Ok(project),
        _ => {
            settle(&call.items, from.workspace_id(), project).await?;
            return Err(ServiceError::Moving);
        }
    }
    let to = call.authorise(target).await?;
    let intent = Intent::new(id, from, &to, Timestamp::now());
    keep(&call.items, intent.clone()).await?;
    let mark = intent.mark(call.write(), slot.clone());
    let marked = mark_project(call, from, project, mark).await;
    if let Err(ServiceError::Contended | ServiceError::NotFound(_)) = &marked {
        // Nothing came of it.
        forget_if_possible(&call.items, intent).await;
    }
    marked
}

async fn mark_project(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    project: Versioned<StoredProject>,
    mark: Mark,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let id = project.item.id;
    let leaving = with_mark(project.item, Some(mark), call.write());
    match call.items.replace(scope, leaving, &project.etag).await {
        Ok(marked) => Ok(marked),
        Err(StorageError::NotFound) => Err(NO_PROJECT),
        Err(error @ StorageError::Changed) => marked_before(call, scope, id, error).await,
        Err(error) if error.outcome_is_unknown() => marked_before(call, scope, id, error).await,
        Err(error) => Err(error.into()),
    }
}

/// The mark may have been set by this very request, with its answer lost on the way.
async fn marked_before(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    id: ProjectId,
    error: StorageError,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let latest = find(&call.items, scope, id).await?.ok_or(NO_PROJECT)?;
    if latest.item.revision == call.write() {
        return Ok(latest);
    }
    match error {
        StorageError::Changed => Err(ServiceError::Contended),
        error => Err(error.into()),
    }
}
