//! Moving a project to another workspace: see [`crate::domain::movement`] for the steps.

use super::call::{Attempts, Call, NO_WORKSPACE, now};
use super::deletion::{self, Settled};
use super::error::ServiceError;
use super::precondition::Precondition;
use super::projects::{NO_PROJECT, find};
use super::slugs::SlugSearch;
use crate::cosmos::batch::{Batch, BatchFailure};
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::{ETag, Versioned};
use crate::cosmos::items::Items;
use crate::cosmos::query::Query;
use crate::domain::access::{CanEdit, MoveScopes, WorkspaceScope};
use crate::domain::fields::Violation;
use crate::domain::id::{ProjectId, WorkspaceId};
use crate::domain::idempotency::IdempotencyKey;
use crate::domain::item::Item;
use crate::domain::movement::{Intent, Mark};
use crate::domain::project::{Project, StoredProject};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::OpenMarker;
use crate::domain::write::WriteId;
use crate::telemetry::Causes;
use std::num::NonZeroU32;

/// Operations of the batch in which a project arrives.
const REQUIRE_OPEN: usize = 0;
const RECORD_ARRIVAL: usize = 1;
const RESERVE_SLUG: usize = 2;

/// Moves that one run of [`reconcile`] looks at.
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

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
    let slot = key.slot(&call.caller.id, workspace_id);
    if let Some(moved) = call.first_answer::<Project, _>(&from, &slot).await? {
        return Ok(Versioned {
            item: moved,
            etag: ETag::default(),
        });
    }
    let to = call.authorise::<CanEdit>(target).await?;
    let project = find(call, &from, id).await?.ok_or(NO_PROJECT)?;
    let marked = match project.item.mark() {
        // This very request has been here before.
        Some(mark) if mark.slot.id == slot.id => project,
        Some(_) => {
            settle(&call.items, project).await?;
            return Err(ServiceError::Moving);
        }
        None => {
            precondition.check(&project.etag)?;
            let intent = Intent::new(id, &from, &to, now());
            keep(&call.items, intent.clone()).await?;
            mark_project(call, &from, project, intent.mark(call.write, slot)).await?
        }
    };
    if settle(&call.items, marked).await?.is_some() {
        // The target was deleted meanwhile, and the project stays.
        return Err(NO_WORKSPACE);
    }
    let moved = find(call, &to, id).await?.ok_or(NO_PROJECT)?;
    Ok(moved.map(Project::from))
}

async fn mark_project(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    project: Versioned<StoredProject>,
    mark: Mark,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let id = project.item.id;
    let leaving = project.item.with_mark(Some(mark), call.write);
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
    if latest.item.revision == call.write {
        return Ok(latest);
    }
    match error {
        StorageError::Changed => Err(ServiceError::Contended),
        error => Err(error.into()),
    }
}

/// The project, when it is to stay where it is; `None` when it has moved. A move that is half done is
/// finished first: whoever meets it does that, any number of times.
pub(super) async fn settle(
    items: &Items,
    project: Versioned<StoredProject>,
) -> Result<Option<Versioned<StoredProject>>, ServiceError> {
    let (Some(scopes), Some(mark)) = (MoveScopes::of(&project.item), project.item.mark().cloned())
    else {
        return Ok(Some(project));
    };
    let Some(moved) = arrive(items, &scopes, &mark, &project.item).await? else {
        return undo(items, &scopes, project, &mark).await.map(Some);
    };
    leave(items, &scopes, &project, &mark, &moved).await?;
    Ok(None)
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
        .require(OpenMarker::ID)
        .create(&mark.arrival(arrived.id))?
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
    let batch = Batch::new(&scopes.from)
        .delete(&marked.item.id(), Some(&marked.etag))
        .delete(&marked.item.reservation().id(), None)
        .create(&mark.slot.filled(moved))?;
    match items.execute(batch).await.map_err(StorageError::from) {
        // Somebody else has done it.
        Ok(_) | Err(StorageError::NotFound | StorageError::Changed) => {}
        Err(error) => return Err(error.into()),
    }
    let intent = mark.intent(marked.item.id, marked.item.workspace_id());
    if let Err(error) = forget(items, intent).await {
        // The project has moved. The next run of `reconcile` finds that nothing is left to do.
        tracing::warn!(error = %Causes(&error), "intent of a finished move kept");
    }
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
    let stays = items.replace(&scopes.from, stays, &marked.etag).await;
    let stays = match stays {
        Err(StorageError::Changed) => return Err(ServiceError::Moving),
        stays => stays?,
    };
    forget(items, intent).await?;
    Ok(stays)
}

async fn keep(items: &Items, intent: Intent) -> Result<(), StorageError> {
    match items.create_global(intent).await {
        // Its id is new: it is this very write, with its answer lost on the way.
        Ok(_) | Err(StorageError::AlreadyExists) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn forget(items: &Items, intent: Intent) -> Result<(), ServiceError> {
    match items.delete_global(&intent).await {
        Ok(()) | Err(StorageError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Finishes moves that began before `before` and were left half done. Returns how many there were.
pub async fn reconcile(items: &Items, before: Timestamp) -> Result<usize, ServiceError> {
    let left = Query::<Intent>::new("")?
        .and("c.startedAt < @before", "@before", before)?
        .order_by("c.startedAt ASC");
    let left = items.query_global(left, AT_ONCE).await?;
    let mut failed = None;
    for intent in &left {
        // One that cannot be finished must not keep the others from it.
        if let Err(error) = finish(items, intent).await {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(left.len()), Err)
}

async fn finish(items: &Items, intent: &Intent) -> Result<(), ServiceError> {
    let scope = WorkspaceScope::of_intent(intent);
    let project = items
        .read::<StoredProject, _>(&scope, &intent.project_id.to_string())
        .await?;
    let of_this_move = |project: &Versioned<StoredProject>| {
        let mark = project.item.mark();
        mark.is_some_and(|mark| mark.move_id == intent.move_id())
    };
    match project.filter(of_this_move) {
        Some(project) => settle(items, project).await.map(drop),
        // It was never marked, or all but this is done.
        None => forget(items, intent.clone()).await,
    }
}
