//! Moving a project to another workspace: see [`crate::projects::moves`] for the steps.

use crate::access::{CanEdit, WorkspaceScope};
use crate::call::{Call, now};
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::{ProjectId, WorkspaceId};
use crate::projects::find::{NO_PROJECT, find};
use crate::projects::moves::{Departure, INTENTS, Intent, Mark, MoveScopes};
use crate::projects::slug_search::SlugSearch;
use crate::projects::{Project, StoredProject};
use crate::workspaces::OpenMarker;
use crate::workspaces::deletion::{self, Settled};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::{ETag, Versioned};
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;
use custom_handler::telemetry::Causes;
use rest::fields::Violation;
use rest::precondition::Precondition;

/// Operations of the batch in which a project arrives. The record comes first: a project that has
/// arrived has arrived, whatever became of the workspace since.
const RECORD_ARRIVAL: usize = 0;
const REQUIRE_OPEN: usize = 1;
const RESERVE_SLUG: usize = 2;
const WRITE_PROJECT: usize = 3;
/// The operation of the batch in which it leaves that keeps the answer.
const KEEP_ANSWER: usize = 3;

/// What became of a project that may have been on its way.
#[derive(Debug)]
pub(crate) enum Outcome {
    Stays(Versioned<StoredProject>),
    Moved(Project),
}

/// Moves a project. The caller must be an editor in both workspaces.
pub async fn start(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    target: WorkspaceId,
    precondition: &Precondition,
    key: &IdempotencyKey,
) -> Result<Versioned<Project>, ServiceError> {
    if workspace_id == target {
        let detail = "must be another workspace";
        return Err(Violation::new("/targetWorkspaceId", detail).into());
    }
    let from = call.authorise::<CanEdit>(workspace_id).await?;
    let slot = key.slot(call.caller.id.as_str(), workspace_id);
    if let Some(moved) = call.first_answer::<Project>(&slot).await? {
        return Ok(unversioned(moved));
    }
    let to = call.authorise::<CanEdit>(target).await?;
    let moved = match begin(call, &from, &to, id, precondition, &slot).await {
        Ok(marked) => match settle(&call.items, marked).await? {
            Outcome::Moved(moved) => moved,
            // The target was deleted meanwhile.
            Outcome::Stays(_) => return Err(NO_WORKSPACE),
        },
        // A repeat of this request may have been faster.
        Err(error) => {
            let moved = call.first_answer(&slot).await?;
            return moved.map(unversioned).ok_or(error);
        }
    };
    let now = find(call, &to, id).await?;
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
    call: &Call,
    from: &WorkspaceScope<CanEdit>,
    to: &WorkspaceScope<CanEdit>,
    id: ProjectId,
    precondition: &Precondition,
    slot: &RecordSlot,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = find(call, from, id).await?.ok_or(NO_PROJECT)?;
    match project.item.mark() {
        // This very request has been here before.
        Some(mark) if mark.slot == *slot => return Ok(project),
        Some(_) => {
            settle(&call.items, project).await?;
            return Err(ServiceError::Moving);
        }
        None => precondition.check(&project.etag)?,
    }
    let intent = Intent::new(id, from, to, now());
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
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    project: Versioned<StoredProject>,
    mark: Mark,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let id = project.item.id;
    let leaving = project.item.with_mark(Some(mark), call.write());
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
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    id: ProjectId,
    error: StorageError,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let latest = find(call, scope, id).await?.ok_or(NO_PROJECT)?;
    if latest.item.revision == call.write() {
        return Ok(latest);
    }
    match error {
        StorageError::Changed => Err(ServiceError::Contended),
        error => Err(error.into()),
    }
}

/// What becomes of the project. A move that is half done is finished first: whoever meets it does that,
/// any number of times.
pub(crate) async fn settle(
    items: &Items,
    project: Versioned<StoredProject>,
) -> Result<Outcome, ServiceError> {
    let Some(mark) = project.item.mark().cloned() else {
        return Ok(Outcome::Stays(project));
    };
    let scopes = mark.scopes(project.item.workspace_id());
    match arrive(items, &scopes, &mark, &project.item).await? {
        Some(moved) => {
            leave(items, &scopes, &project, &mark, &moved).await?;
            Ok(Outcome::Moved(moved))
        }
        None => undo(items, &scopes, project, &mark)
            .await
            .map(Outcome::Stays),
    }
}

/// Returns the project as it arrived, or nothing when there is no workspace to arrive in.
async fn arrive(
    items: &Items,
    scopes: &MoveScopes,
    mark: &Mark,
    project: &StoredProject,
) -> Result<Option<Project>, ServiceError> {
    let mut slug = project.slug.clone();
    let mut slugs = SlugSearch::new(slug.clone());
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let arrived = project.clone().arrived(mark, slug.clone());
        let Err(failure) = write_arrival(items, scopes, mark, &arrived).await else {
            return Ok(Some(arrived.into()));
        };
        match (failure.operation, failure.error) {
            (Some(RECORD_ARRIVAL), StorageError::AlreadyExists) => {
                // Somebody else was here. What arrived may have been changed since.
                let now = items.read(&scopes.to, &project.id()).await?;
                return Ok(Some(now.map_or(arrived, |now| now.item).into()));
            }
            (Some(RESERVE_SLUG), StorageError::AlreadyExists) => {
                slug = slugs.next(items, &scopes.to).await?;
            }
            (Some(WRITE_PROJECT), StorageError::AlreadyExists) => {
                // It was there before, and is still to leave for here.
                let before = items
                    .read::<StoredProject>(&scopes.to, &project.id())
                    .await?;
                match before.filter(|before| before.item.mark().is_some()) {
                    Some(before) => drop(Box::pin(settle(items, before)).await?),
                    None => return Ok(Some(arrived.into())),
                }
            }
            (Some(REQUIRE_OPEN), StorageError::NotFound) => {
                if deletion::settle(items, mark.to).await? == Settled::Gone {
                    return Ok(None);
                }
            }
            (_, error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

async fn write_arrival(
    items: &Items,
    scopes: &MoveScopes,
    mark: &Mark,
    arrived: &StoredProject,
) -> Result<(), BatchFailure> {
    let batch = Batch::new(&scopes.to)
        .create(&mark.arrival(arrived.id))?
        .require(OpenMarker::ID)
        .create(&arrived.reservation())?
        .create(arrived)?;
    items.execute(batch).await.map(drop)
}

/// Removes what the project leaves behind, and keeps the answer for repeats of the request.
async fn leave(
    items: &Items,
    scopes: &MoveScopes,
    marked: &Versioned<StoredProject>,
    mark: &Mark,
    moved: &Project,
) -> Result<(), ServiceError> {
    let (id, from) = (marked.item.id, marked.item.workspace_id());
    let removal = || {
        Batch::new(&scopes.from)
            .delete(&marked.item.id(), Some(&marked.etag))
            .delete(&marked.item.reservation().id(), None)
            .put(&Departure::new(id, from))
    };
    let with_answer = removal()?.create(&mark.slot.filled(moved))?;
    let mut removed = items.execute(with_answer).await;
    if let Err(BatchFailure {
        operation: Some(KEEP_ANSWER),
        ..
    }) = &removed
    {
        // The key was used for something else meanwhile: that has its answer, and this has none.
        removed = items.execute(removal()?).await;
    }
    match removed.map_err(StorageError::from) {
        // Somebody else has done it.
        Ok(_) | Err(StorageError::NotFound | StorageError::Changed) => {}
        Err(error) => return Err(error.into()),
    }
    forget_if_possible(items, mark.intent(id, from)).await;
    Ok(())
}

/// The target is gone for good, so nobody can make the project arrive there.
async fn undo(
    items: &Items,
    scopes: &MoveScopes,
    marked: Versioned<StoredProject>,
    mark: &Mark,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let intent = mark.intent(marked.item.id, marked.item.workspace_id());
    let stays = marked.item.with_mark(None, WriteId::random());
    match items.replace(&scopes.from, stays, &marked.etag).await {
        Ok(stays) => {
            forget_if_possible(items, intent).await;
            Ok(stays)
        }
        Err(StorageError::Changed) => Err(ServiceError::Moving),
        Err(StorageError::NotFound) => Err(NO_PROJECT),
        Err(error) => Err(error.into()),
    }
}

async fn keep(items: &Items, intent: Intent) -> Result<(), StorageError> {
    match items.create(&INTENTS, intent).await {
        // Its id is new: it is this very write, with its answer lost on the way.
        Ok(_) | Err(StorageError::AlreadyExists) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(crate) async fn forget(items: &Items, intent: &Intent) -> Result<(), StorageError> {
    match items.delete(&INTENTS, &intent.id()).await {
        Ok(()) | Err(StorageError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What is left over, the timer finds.
async fn forget_if_possible(items: &Items, intent: Intent) {
    if let Err(error) = forget(items, &intent).await {
        tracing::warn!(error = %Causes(&error), "intent of a finished move kept");
    }
}
