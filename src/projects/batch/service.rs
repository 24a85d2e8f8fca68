//! Several changes to the projects of one workspace in one transactional batch.

use super::made::Made;
use super::{Done, Operation, OperationResult, Operations, ProjectBatch, ProjectBatchResult};
use crate::access::{CanEdit, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::once::{Once, Plan, Planning, Step};
use crate::projects::service::read_to_write;
use crate::projects::{StoredProject, reservation, shown};
use cosmos_store::batch::Batch;
use cosmos_store::error::StorageError;
use cosmos_store::etag::{ETag, Versioned};
use cosmos_store::idempotency::IdempotencyKey;
use cosmos_store::item::Item;
use futures::future::try_join_all;
use rest::precondition::Precondition;

/// What a step of the batch is for: an operation, by its index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Slug(usize),
    Project(usize),
}

/// Carries out all operations or none.
pub async fn execute(
    call: &Call<CanEdit>,
    workspace_id: WorkspaceId,
    ProjectBatch {
        operations: Operations(operations),
    }: &ProjectBatch,
    key: &IdempotencyKey,
) -> Result<ProjectBatchResult, ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let changing = Changing {
        call,
        scope: &scope,
        operations,
        made: Made::new(call, operations),
    };
    match call.write_once(&scope, key, changing).await? {
        Once::Before(answer) => Ok(answer),
        Once::Done(mut answer, written) => {
            for (index, result) in answer.results.iter_mut().enumerate() {
                let etag = written.etag(&Step::Own(Part::Project(index)));
                result.etag = (etag != ETag::default()).then(|| etag.as_str().to_owned());
            }
            Ok(answer)
        }
    }
}

/// The operations, with the projects that they make.
struct Changing<'a> {
    call: &'a Call<CanEdit>,
    scope: &'a WorkspaceScope<CanEdit>,
    operations: &'a [Operation],
    made: Made,
}

impl Planning for Changing<'_> {
    type Step = Part;
    type Answer = ProjectBatchResult;

    async fn plan(
        &mut self,
        conflict: Option<Part>,
    ) -> Result<Plan<Part, ProjectBatchResult>, ServiceError> {
        // If it is a project, somebody was faster: the next look at it shows what they did.
        if let Some(Part::Slug(index)) = conflict {
            let search = self.made.choose_other_slugs(self.call, self.scope, index);
            search.await?;
        }
        let changes = planned(self.call, self.scope, self.operations, &self.made).await?;
        let mut batch = Batch::new(self.scope);
        for (index, change) in changes.iter().enumerate() {
            batch = change.add_to(batch, index)?;
        }
        let workspace_id = self.scope.workspace_id();
        let results = changes.into_iter();
        let results = results.map(|change| change.result(workspace_id));
        Ok(Plan {
            batch,
            answer: ProjectBatchResult {
                results: results.collect(),
            },
            made: self.made.ids(),
        })
    }
}

/// What an operation does to the project as it is now.
enum Planned {
    Create(Box<StoredProject>),
    Replace(Box<StoredProject>, ETag),
    Delete(Box<Versioned<StoredProject>>),
}

async fn planned(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    operations: &[Operation],
    made: &Made,
) -> Result<Vec<Planned>, ServiceError> {
    let changes = operations.iter().enumerate();
    let changes = changes.map(async |(index, operation)| {
        let change = match made.project(index) {
            Some(project) => Ok(Planned::Create(Box::new(project.clone()))),
            None => change(call, scope, operation).await,
        };
        change.map_err(|error| ServiceError::Operation {
            index,
            error: Box::new(error),
        })
    });
    try_join_all(changes).await
}

async fn change(
    call: &Call<CanEdit>,
    scope: &WorkspaceScope<CanEdit>,
    operation: &Operation,
) -> Result<Planned, ServiceError> {
    let (id, if_match, patch) = match operation {
        Operation::Create(_) => return Err(ServiceError::Contended),
        Operation::Update(id, if_match, patch) => (id, if_match, Some(patch)),
        Operation::Delete(id, if_match) => (id, if_match, None),
    };
    let latest = read_to_write(call, scope, *id).await?;
    if let Some(version) = if_match {
        Precondition::on(version.as_str()).check(&latest.etag)?;
    }
    let Some(patch) = patch else {
        return Ok(Planned::Delete(Box::new(latest)));
    };
    let Versioned { item, etag } = latest;
    if patch.is_empty() {
        return Ok(Planned::Replace(Box::new(item), etag));
    }
    let fields = patch.apply(&item.fields)?;
    let changed = item.changed(fields, call.write());
    Ok(Planned::Replace(Box::new(changed), etag))
}

impl Planned {
    fn add_to(
        &self,
        batch: Batch<Step<Part>>,
        index: usize,
    ) -> Result<Batch<Step<Part>>, StorageError> {
        let slug = Step::Own(Part::Slug(index));
        let project = Step::Own(Part::Project(index));
        match self {
            Self::Create(made) => batch
                .create(slug, &reservation(made))?
                .create(project, &**made),
            Self::Replace(changed, etag) => batch.replace(project, &**changed, Some(etag)),
            Self::Delete(found) => Ok(batch
                .delete(project, &found.item.id(), Some(&found.etag))
                .delete(slug, &reservation(&found.item).id(), None)),
        }
    }

    fn result(self, workspace_id: WorkspaceId) -> OperationResult {
        let (result, project) = match self {
            Self::Create(project) => (Done::Created, Some(*project)),
            Self::Replace(project, _) => (Done::Updated, Some(*project)),
            Self::Delete(_) => (Done::Deleted, None),
        };
        OperationResult {
            result,
            project: project.map(|project| shown(project, workspace_id)),
            etag: None,
        }
    }
}
