//! Projects of a workspace.

use super::call::{Call, MAX_ATTEMPTS, NO_WORKSPACE, now};
use super::error::ServiceError;
use super::precondition::Precondition;
use crate::cosmos::batch::Batch;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::items::Items;
use crate::cosmos::query::Query;
use crate::domain::access::{CanEdit, ProjectReader, WorkspaceScope};
use crate::domain::id::{ProjectId, WorkspaceId};
use crate::domain::item::Item;
use crate::domain::project::{
    CreateProject, Project, SlugReservation, StoredProject, UpdateProject,
};
use crate::domain::slug::Slug;
use std::num::NonZeroU32;

const NO_PROJECT: ServiceError = ServiceError::NotFound("project");

/// Numbered slugs (`plan-2`) that are looked at to find a free one.
const NUMBERED_SLUGS: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Creates a project with a slug that no other project of the workspace has.
///
/// The project and the reservation of its slug are written in one batch; the batch fails when the
/// workspace is gone.
pub async fn create(
    call: &Call,
    workspace_id: WorkspaceId,
    body: CreateProject,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let id = ProjectId::generate();
    let mut project = StoredProject::create(id, workspace_id, body, &call.caller, now());
    let wanted = project.slug.clone();
    for attempt in 0..MAX_ATTEMPTS {
        let batch = Batch::new(&scope)
            .require(workspace_id.to_string())
            .create(&project.reservation())?
            .create(&project)?;
        match call.items.execute(batch).await {
            Ok(etags) => {
                let etag = etags.into_iter().next_back().flatten();
                let created = Versioned {
                    item: project,
                    etag: etag.unwrap_or_default(),
                };
                return Ok(created.map(Project::from));
            }
            Err(StorageError::AlreadyExists) if attempt == 0 => {
                project.slug = free_slug(&call.items, &scope, &wanted).await?;
            }
            // Others ask for the same name right now: do not compete for the next number.
            Err(StorageError::AlreadyExists) => project.slug = wanted.with_suffix(&random_suffix()),
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            Err(error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

pub async fn get(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let reader = reader(call, workspace_id).await?;
    get_for(&call.items, &reader, id).await
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
        .ok_or(NO_PROJECT)?;
    get_for(&call.items, &reader, reservation.item.project_id).await
}

pub async fn update(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
    patch: &UpdateProject,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    for _attempt in 0..MAX_ATTEMPTS {
        let latest = read(&call.items, &scope, id).await?;
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Project::from));
        }
        let changed = patch.apply(latest.item, now());
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_PROJECT),
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
    for _attempt in 0..MAX_ATTEMPTS {
        let latest = read(&call.items, &scope, id).await?;
        precondition.check(&latest.etag)?;
        let batch = Batch::new(&scope)
            .delete(latest.item.id(), Some(&latest.etag))
            .delete(latest.item.reservation().id(), None);
        match call.items.execute(batch).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_PROJECT),
            deleted => return Ok(deleted.map(drop)?),
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
    items: &Items,
    reader: &ProjectReader,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let project = read(items, &reader.scope, id).await?;
    if !reader.may_read(&project.item) {
        return Err(NO_PROJECT);
    }
    Ok(project.map(Project::from))
}

async fn read<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    id: ProjectId,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = items.read(scope, &id.to_string()).await?;
    project.ok_or(NO_PROJECT)
}

/// The wanted slug with the lowest number from 2 that is free.
async fn free_slug(
    items: &Items,
    scope: &WorkspaceScope<CanEdit>,
    wanted: &Slug,
) -> Result<Slug, ServiceError> {
    let numbered = Query::<SlugReservation>::new("")?
        .and(
            "STARTSWITH(c.slug, @numbered)",
            "@numbered",
            wanted.with_suffix("").as_str(),
        )?
        .order_by("c.slug ASC");
    let taken = items.query(scope, numbered, NUMBERED_SLUGS).await?;
    let free = (2..=NUMBERED_SLUGS.get())
        .map(|number| wanted.with_suffix(&number.to_string()))
        .find(|slug| taken.iter().all(|reservation| reservation.slug != *slug));
    Ok(free.unwrap_or_else(|| wanted.with_suffix(&random_suffix())))
}

fn random_suffix() -> String {
    std::iter::repeat_with(|| fastrand::alphanumeric().to_ascii_lowercase())
        .take(8)
        .collect()
}
