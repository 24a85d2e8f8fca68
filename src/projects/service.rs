//! Projects of a workspace.

use super::find::{NO_PROJECT, find};
use super::moves::LastMove;
use super::moves::finish::{self as moves, Outcome};
use super::slug::Slug;
use super::slug_search::SlugSearch;
use super::{
    Project, ProjectFields, ProjectState, SlugReservation, StoredProject, Visibility, reservation,
    shown,
};
use crate::access::{AnyCaller, CanEdit, CanView, ProjectReader, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::{ProjectId, WorkspaceId};
use crate::once::{Plan, Planning, Step};
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
    let mut value = Vec::with_capacity(page.value.len());
    for project in page.value {
        let staying = staying(call, &scope, project).await?;
        value.extend(staying.map(|project| shown(project, workspace_id)));
    }
    Ok(Page {
        value,
        next: page.next,
    })
}

/// The project, unless it has moved to another workspace.
async fn staying(
    call: &Call<CanView>,
    scope: &WorkspaceScope<CanView>,
    project: StoredProject,
) -> Result<Option<StoredProject>, ServiceError> {
    if project.state.mark().is_none() {
        return Ok(Some(project));
    }
    let Some(latest) = find(&call.items, scope, project.id).await? else {
        return Ok(None);
    };
    Ok(
        match moves::settle(&call.items, scope.workspace_id(), latest).await? {
            Outcome::Stays(project) => Some(project.item),
            Outcome::Moved(_) => None,
        },
    )
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
    let may = |project: &StoredProject| match project.state.mark() {
        None => Ok(()),
        Some(_) => Err(ServiceError::Moving),
    };
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
            (_, StorageError::Changed) => {}
            (Some(Part::Slug), StorageError::NotFound) => has_reservation = false,
            (_, StorageError::NotFound) => return gone(call, &scope, &latest.item).await,
            (_, error) if error.outcome_is_unknown() => {
                if find(&call.items, &scope, id).await?.is_some() {
                    return Err(error.into());
                }
                return gone(call, &scope, &latest.item).await;
            }
            (_, error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

/// The project existed a moment ago and does not any more. It is deleted, whoever did that, unless it has moved since.
async fn gone(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    project: &StoredProject,
) -> Result<(), ServiceError> {
    let id = LastMove::id_of(project.id);
    match call.items.read::<LastMove>(scope, &id).await? {
        Some(last) if last.item.number > project.state.moves => Err(NO_PROJECT),
        _ => Ok(()),
    }
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
    let Some(project) = find(&call.items, &reader.scope, id).await? else {
        return Err(finds_nothing(reader));
    };
    let workspace_id = reader.scope.workspace_id();
    match moves::settle(&call.items, workspace_id, project).await? {
        Outcome::Stays(project) if may_read(reader, &project.item) => {
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

/// Returns the project as it is now. While it is being moved it is not to be written: the move is helped on its way,
/// and the caller told to come back.
pub(crate) async fn read_to_write(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    id: ProjectId,
) -> Result<Versioned<StoredProject>, ServiceError> {
    let project = find(&call.items, scope, id).await?.ok_or(NO_PROJECT)?;
    if project.item.state.mark().is_none() {
        return Ok(project);
    }
    moves::settle(&call.items, scope.workspace_id(), project).await?;
    Err(ServiceError::Moving)
}
