//! Projects of a workspace.

use super::call::{Attempts, Call, NO_WORKSPACE, now};
use super::deletion::{Settled, settle};
use super::error::ServiceError;
use super::moves;
use super::precondition::Precondition;
use super::slugs::SlugSearch;
use crate::cosmos::batch::{Batch, BatchFailure};
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::query::Query;
use crate::domain::access::{CanEdit, ProjectReader, WorkspaceScope};
use crate::domain::id::{ProjectId, WorkspaceId};
use crate::domain::idempotency::{IdempotencyKey, RecordSlot};
use crate::domain::item::Item;
use crate::domain::project::{
    CreateProject, Project, SlugReservation, StoredProject, UpdateProject,
};
use crate::domain::slug::Slug;
use crate::domain::workspace::OpenMarker;
use std::num::NonZeroU32;

pub(super) const NO_PROJECT: ServiceError = ServiceError::NotFound("project");

/// Creates a project with a slug that no other project of the workspace has.
///
/// The project, the reservation of its slug and the record of its idempotency key are written in one
/// batch, which fails when the workspace is gone.
pub async fn create(
    call: &Call,
    workspace_id: WorkspaceId,
    body: CreateProject,
    key: Option<&IdempotencyKey>,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let slot = key.map(|key| key.slot(&call.caller.id, workspace_id));
    let id = ProjectId::generate();
    let mut project =
        StoredProject::create(id, workspace_id, body, &call.caller, now(), call.write);
    let mut slugs = SlugSearch::new(project.slug.clone());
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let error = match store(call, &scope, &project, slot.as_ref()).await {
            Ok(created) => return Ok(created),
            Err(failure) => failure.error,
        };
        match error {
            StorageError::AlreadyExists => {
                if let Some(found) = made_before(call, &scope, slot.as_ref()).await? {
                    return Ok(found);
                }
                project.slug = slugs.next(&call.items, &scope).await?;
            }
            StorageError::NotFound => {
                if settle(&call.items, workspace_id).await? == Settled::Gone {
                    call.memberships.forget(workspace_id);
                    return Err(NO_WORKSPACE);
                }
            }
            error if error.outcome_is_unknown() => {
                let found = find(call, &scope, id).await?;
                return found.map(|p| p.map(Project::from)).ok_or(error.into());
            }
            error => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

async fn store(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    project: &StoredProject,
    slot: Option<&RecordSlot>,
) -> Result<Versioned<Project>, BatchFailure> {
    let shown = Project::from(project.clone());
    let mut batch = Batch::new(scope).require(OpenMarker::ID);
    if let Some(slot) = slot {
        batch = batch.create(&slot.filled(&shown))?;
    }
    let batch = batch.create(&project.reservation())?.create(project)?;
    let etags = call.items.execute(batch).await?;
    Ok(Versioned {
        item: shown,
        etag: etags.into_iter().next_back().flatten().unwrap_or_default(),
    })
}

/// What this request made when it was sent before: by the caller, who has a key for it, or by the SDK or
/// the host, who repeat what they got no answer to.
async fn made_before(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    slot: Option<&RecordSlot>,
) -> Result<Option<Versioned<Project>>, ServiceError> {
    if let Some(slot) = slot {
        let Some(answer) = call.first_answer::<Project, _>(scope, slot).await? else {
            return Ok(None);
        };
        let now = find(call, scope, answer.id).await?;
        let unchanged = now.filter(|found| found.item.revision == found.item.origin);
        return Ok(Some(Versioned {
            item: answer,
            etag: unchanged.map(|found| found.etag).unwrap_or_default(),
        }));
    }
    let of_this_request =
        Query::<StoredProject>::new("")?.and("c.origin = @origin", "@origin", call.write)?;
    let found = call
        .items
        .query(scope, of_this_request, NonZeroU32::MIN)
        .await?;
    match found.first() {
        Some(project) => {
            let project = find(call, scope, project.id).await?;
            Ok(project.map(|project| project.map(Project::from)))
        }
        None => Ok(None),
    }
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
        .read::<SlugReservation, _>(&reader.scope, &SlugReservation::id_of(slug))
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
        if latest.item.revision == call.write {
            return Ok(latest.map(Project::from));
        }
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Project::from));
        }
        let changed = patch.apply(latest.item, now(), call.write);
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_PROJECT),
            Err(error) if error.outcome_is_unknown() => {
                let latest = find(call, &scope, id).await?;
                let written = latest.filter(|latest| latest.item.revision == call.write);
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
        let latest = match read_to_write(call, &scope, id).await {
            // It was there a moment ago. Whoever deleted it, it is gone.
            Err(ServiceError::NotFound(_)) if !attempts.is_first() => return Ok(()),
            latest => latest?,
        };
        precondition.check(&latest.etag)?;
        let mut batch = Batch::new(&scope).delete(&latest.item.id(), Some(&latest.etag));
        if has_reservation {
            batch = batch.delete(&latest.item.reservation().id(), None);
        }
        let Err(failure) = call.items.execute(batch).await else {
            return Ok(());
        };
        match failure.error {
            StorageError::Changed => {}
            StorageError::NotFound => has_reservation = failure.operation != Some(1),
            error if error.outcome_is_unknown() => {
                let gone = find(call, &scope, id).await?.is_none();
                return if gone { Ok(()) } else { Err(error.into()) };
            }
            error => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
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
        Some(project) if reader.may_read(&project.item) => Ok(project.map(Project::from)),
        _ => Err(finds_nothing(reader)),
    }
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
pub(super) async fn read_to_write(
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

pub(super) async fn find<L>(
    call: &Call,
    scope: &WorkspaceScope<L>,
    id: ProjectId,
) -> Result<Option<Versioned<StoredProject>>, StorageError> {
    call.items.read(scope, &id.to_string()).await
}
