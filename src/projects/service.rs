//! Projects of a workspace.

use super::moves::finish::{self as moves, Outcome};
use crate::access::{CanEdit, ProjectReader, WorkspaceScope};
use crate::call::{Call, now};
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::{ProjectId, WorkspaceId};
use crate::projects::find::{NO_PROJECT, find};
use crate::projects::moves::LastMove;
use crate::projects::slug::Slug;
use crate::projects::slug_search::SlugSearch;
use crate::projects::{
    CreateProject, Project, SlugReservation, StoredProject, UpdateProject, Visibility,
};
use crate::workspaces::OpenMarker;
use crate::workspaces::reopening::{Settled, settle};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use cosmos_store::item::Item;
use rest::precondition::Precondition;

/// Operations of the batch that creates a project.
const REQUIRE_OPEN: usize = 0;
const KEEP_ANSWER: usize = 1;

/// Creates a project with a slug that no other project of the workspace has.
///
/// The project, the reservation of its slug and the record of its idempotency key are written in one
/// batch, which fails when the workspace is gone.
pub async fn create(
    call: &Call,
    workspace_id: WorkspaceId,
    body: CreateProject,
    key: &IdempotencyKey,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let slot = key.slot(call.caller.id.as_str(), workspace_id);
    let id = ProjectId::generate();
    let mut project =
        StoredProject::create(id, workspace_id, body, &call.caller, now(), call.write());
    let mut slugs = SlugSearch::new(project.slug.clone());
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let failure = match store(call, &scope, &project, &slot).await {
            Ok(created) => {
                let made = std::slice::from_ref(&project);
                keep_if_open(call, &scope, made, &slot).await?;
                return Ok(created);
            }
            Err(failure) => failure,
        };
        match (failure.operation, failure.error) {
            (Some(REQUIRE_OPEN), StorageError::NotFound) => {
                if settle(&call.items, workspace_id).await? == Settled::Gone {
                    call.memberships.forget(workspace_id);
                    return Err(NO_WORKSPACE);
                }
            }
            (Some(KEEP_ANSWER), error @ StorageError::AlreadyExists) => {
                return made_before(call, &scope, &slot).await?.ok_or(error.into());
            }
            (_, StorageError::AlreadyExists) => {
                project.slug = slugs.next(&call.items, &scope).await?;
            }
            (_, error) if error.outcome_is_unknown() => {
                return made_before(call, &scope, &slot).await?.ok_or(error.into());
            }
            (_, error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

/// Takes projects back that were made while the workspace was being deleted.
///
/// Batches run under snapshot isolation. The one that made them may have read a marker that was removed
/// before they could be seen, so the workspace is looked at once more. Either the deletion sees the
/// projects, or this sees the deletion.
pub(super) async fn keep_if_open(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    made: &[StoredProject],
    slot: &RecordSlot,
) -> Result<(), ServiceError> {
    if made.is_empty() || settle(&call.items, scope.workspace_id()).await? == Settled::Open {
        return Ok(());
    }
    let batch = Batch::new(scope).delete(&slot.id, None);
    let taken_back = made.iter().fold(batch, |batch, project| {
        let batch = batch.delete(&project.id(), None);
        batch.delete(&project.reservation().id(), None)
    });
    call.items.execute(taken_back).await?;
    call.memberships.forget(scope.workspace_id());
    Err(NO_WORKSPACE)
}

async fn store(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    project: &StoredProject,
    slot: &RecordSlot,
) -> Result<Versioned<Project>, BatchFailure> {
    let shown = Project::from(project.clone());
    let batch = Batch::new(scope)
        .require(OpenMarker::ID)
        .create(&slot.filled(&shown))?
        .create(&project.reservation())?
        .create(project)?;
    let etags = call.items.execute(batch).await?;
    Ok(Versioned {
        item: shown,
        etag: etags.into_iter().next_back().flatten().unwrap_or_default(),
    })
}

/// What this request made when it was sent before: by the caller, or by the SDK or the host, who repeat
/// what they got no answer to.
async fn made_before(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    slot: &RecordSlot,
) -> Result<Option<Versioned<Project>>, ServiceError> {
    let Some(answer) = call.first_answer::<Project>(slot).await? else {
        return Ok(None);
    };
    let now = find(call, scope, answer.id).await?;
    let unchanged = now.filter(|found| found.item.is_as_created());
    Ok(Some(Versioned {
        item: answer,
        etag: unchanged.map(|found| found.etag).unwrap_or_default(),
    }))
}

pub async fn get(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let reader = reader(call, workspace_id).await?;
    get_for(call, &reader, id).await
}

pub async fn get_by_slug(
    call: &Call,
    workspace_id: WorkspaceId,
    slug: &Slug,
) -> Result<Versioned<Project>, ServiceError> {
    let reader = reader(call, workspace_id).await?;
    let reservation = call
        .items
        .read::<SlugReservation>(&reader.scope, &SlugReservation::id_of(slug))
        .await?
        .ok_or_else(|| finds_nothing(&reader))?;
    get_for(call, &reader, reservation.item.project_id).await
}

pub async fn update(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
    patch: &UpdateProject,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let latest = read_to_write(call, &scope, id).await?;
        if latest.item.revision == call.write() {
            return Ok(latest.map(Project::from));
        }
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Project::from));
        }
        let changed = patch.apply(latest.item, now(), call.write());
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_PROJECT),
            Err(error) if error.outcome_is_unknown() => {
                let latest = find(call, &scope, id).await?;
                let written = latest.filter(|latest| latest.item.revision == call.write());
                return written.map(|p| p.map(Project::from)).ok_or(error.into());
            }
            written => return Ok(written?.map(Project::from)),
        }
    }
    Err(ServiceError::Contended)
}

/// Deletes a project and frees its slug.
pub async fn delete(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let mut attempts = Attempts::default();
    let mut has_reservation = true;
    while attempts.next().await {
        let latest = read_to_write(call, &scope, id).await?;
        precondition.check(&latest.etag)?;
        let mut batch = Batch::new(&scope).delete(&latest.item.id(), Some(&latest.etag));
        if has_reservation {
            batch = batch.delete(&latest.item.reservation().id(), None);
        }
        let Err(failure) = call.items.execute(batch).await else {
            return Ok(());
        };
        match (failure.operation, failure.error) {
            (_, StorageError::Changed) => {}
            (Some(1), StorageError::NotFound) => has_reservation = false,
            (_, StorageError::NotFound) => return gone(call, &scope, &latest.item).await,
            (_, error) if error.outcome_is_unknown() => {
                if find(call, &scope, id).await?.is_some() {
                    return Err(error.into());
                }
                return gone(call, &scope, &latest.item).await;
            }
            (_, error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

/// The project was there a moment ago and is not any more. Whoever deleted it, it is deleted, unless it
/// has moved since.
async fn gone(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    project: &StoredProject,
) -> Result<(), ServiceError> {
    let id = LastMove::id_of(project.id);
    match call.items.read::<LastMove>(scope, &id).await? {
        Some(last) if last.item.number > project.moves => Err(NO_PROJECT),
        _ => Ok(()),
    }
}

async fn reader(call: &Call, workspace_id: WorkspaceId) -> Result<ProjectReader, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_PROJECT);
    }
    let members = call.members(workspace_id).await?;
    Ok(ProjectReader::authorise(&members, &call.caller))
}

async fn get_for(
    call: &Call,
    reader: &ProjectReader,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let Some(project) = find(call, &reader.scope, id).await? else {
        return Err(finds_nothing(reader));
    };
    match moves::settle(&call.items, project).await? {
        Outcome::Stays(project) if may_read(reader, &project.item) => {
            Ok(project.map(Project::from))
        }
        _ => Err(finds_nothing(reader)),
    }
}

fn may_read(reader: &ProjectReader, project: &StoredProject) -> bool {
    reader.is_member() || project.visibility == Visibility::Public
}

fn finds_nothing(reader: &ProjectReader) -> ServiceError {
    if reader.is_member() {
        NO_PROJECT
    } else {
        ServiceError::Hidden
    }
}

/// The project as it is now. While it is being moved it is not to be written: the move is helped on its
/// way, and the caller told to come back.
pub(crate) async fn read_to_write(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    id: ProjectId,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = find(call, scope, id).await?.ok_or(NO_PROJECT)?;
    if project.item.mark().is_none() {
        return Ok(project);
    }
    moves::settle(&call.items, project).await?;
    Err(ServiceError::Moving)
}
