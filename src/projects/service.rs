//! Projects of a workspace.

use super::find::{NO_PROJECT, find};
use super::moves::presence::{self as moves, unless_moving};
use super::slug::Slug;
use super::slug_search::SlugSearch;
use super::{
    Project, ProjectFields, ProjectState, SlugReservation, StoredProject, Visibility, reservation,
    shown,
};
use crate::access::{AnyCaller, CanEdit, CanView, ProjectReader, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::once::{Plan, Planning, Step};
use crate::projects::id::ProjectId;
use cosmos_store::batch::Batch;
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::IdempotencyKey;
use cosmos_store::item::Item;
use rest::entity::{Create, Stored};
use rest::list::ListQuery;
use rest::page::Page;
use rest::patch::Patch;
use rest::precondition::Precondition;

/// What a batch writes or deletes of a project.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Slug,
    Project,
}

/// Creates a project with a slug that no other project of the workspace has.
pub async fn create(
    call: &Call<CanEdit>,
    workspace_id: WorkspaceId,
    Create(fields): Create<ProjectFields>,
    key: &IdempotencyKey,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let state = ProjectState::new(&fields.name);
    let creation = Creation {
        call,
        scope: &scope,
        slugs: SlugSearch::new(state.slug.clone()),
        project: Stored::new(fields, state, &call.caller, call.write()),
    };
    let once = call.write_once(&scope, key, creation).await?;
    call.created::<_, ProjectState, _, _>(&scope, once, Part::Project)
        .await
}

/// A new project, which takes another slug if another project has the one it wants.
struct Creation<'a> {
    call: &'a Call<CanEdit>,
    scope: &'a WorkspaceScope<CanEdit>,
    project: StoredProject,
    slugs: SlugSearch,
}

impl Planning for Creation<'_> {
    type Step = Part;
    type Answer = Project;

    async fn plan(&mut self, conflict: Option<Part>) -> Result<Plan<Part, Project>, ServiceError> {
        if conflict.is_some() {
            self.project.state.slug = self.slugs.next(&self.call.items, self.scope).await?;
        }
        let reservation = reservation(&self.project);
        Ok(Plan {
            batch: Batch::new(self.scope)
                .create(Step::Own(Part::Slug), &reservation)?
                .create(Step::Own(Part::Project), &self.project)?,
            answer: shown(self.project.clone(), self.scope.workspace_id()),
            made: vec![reservation.id(), self.project.id()],
        })
    }
}

/// Lists the projects of a workspace.
pub async fn list(
    call: &Call<CanView>,
    workspace_id: WorkspaceId,
    query: &ListQuery<ProjectFields>,
) -> Result<Page<Project>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let scope = call.authorise(workspace_id).await?;
    let page = call.page::<_, ProjectState>(&scope, query).await?;
    let page = moves::staying_of_page(&call.items, &scope, page).await?;
    Ok(page.map(|project| shown(project, workspace_id)))
}

/// Reads a project: any of them for a member, a public one for anybody else.
pub async fn get(
    call: &Call,
    workspace_id: WorkspaceId,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let reader = reader(call, workspace_id).await?;
    get_for(call, &reader, id).await
}

/// Reads a project by its slug.
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

/// Changes a project. Its slug stays as it is.
pub async fn update(
    call: &Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
    patch: &Patch<ProjectFields>,
) -> Result<Versioned<Project>, ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let may = unless_moving;
    let changed = call.patch(&scope, id, precondition, patch, may).await;
    if let Err(ServiceError::Moving) = &changed {
        read_to_write(call, &scope, id).await?;
    }
    Ok(changed?.map(|project| shown(project, workspace_id)))
}

/// Deletes a project and frees its slug.
pub async fn delete(
    call: &Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let mut attempts = Attempts::default();
    let mut has_reservation = true;
    while attempts.next().await {
        let latest = read_to_write(call, &scope, id).await?;
        precondition.check(&latest.etag)?;
        let mut batch = Batch::new(&scope);
        batch = batch.delete(Part::Project, &latest.item.id(), Some(&latest.etag));
        if has_reservation {
            batch = batch.delete(Part::Slug, &reservation(&latest.item).id(), None);
        }
        let Err(failure) = call.items.execute(batch).await else {
            return Ok(());
        };
        match (failure.step, failure.error) {
            (_, StorageError::Changed) => continue,
            (Some(Part::Slug), StorageError::NotFound) => {
                has_reservation = false;
                continue;
            }
            (_, StorageError::NotFound) => {}
            (_, error) if error.outcome_is_unknown() => {
                if find(&call.items, &scope, id).await?.is_some() {
                    return Err(error.into());
                }
            }
            (_, error) => return Err(error.into()),
        }
        moves::unless_moved(&call.items, &scope, &latest.item).await?;
        // It existed a moment ago and does not any more: another request has deleted it, which is as good.
        return Ok(());
    }
    Err(ServiceError::Contended)
}

async fn reader(
    call: &Call<AnyCaller>,
    workspace_id: WorkspaceId,
) -> Result<ProjectReader, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_PROJECT);
    }
    let role = call.role(workspace_id).await?;
    Ok(ProjectReader::authorise(workspace_id, role))
}

async fn get_for(
    call: &Call<AnyCaller>,
    reader: &ProjectReader,
    id: ProjectId,
) -> Result<Versioned<Project>, ServiceError> {
    let workspace_id = reader.scope.workspace_id();
    let project = find(&call.items, &reader.scope, id).await?;
    let project = moves::staying(&call.items, &reader.scope, project).await?;
    match project {
        Some(project) if may_read(reader, &project.item) => {
            Ok(project.map(|project| shown(project, workspace_id)))
        }
        _ => Err(finds_nothing(reader)),
    }
}

fn may_read(reader: &ProjectReader, project: &StoredProject) -> bool {
    reader.is_member() || project.fields.visibility == Visibility::Public
}

fn finds_nothing(reader: &ProjectReader) -> ServiceError {
    if reader.is_member() {
        NO_PROJECT
    } else {
        ServiceError::Hidden
    }
}

/// The project as it is now, if it may be written.
pub(crate) async fn read_to_write(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    id: ProjectId,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = find(&call.items, scope, id).await?.ok_or(NO_PROJECT)?;
    moves::unless_moving_on(&call.items, scope, &project).await?;
    Ok(project)
}
