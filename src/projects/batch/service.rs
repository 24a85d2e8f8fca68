//! Several changes to the projects of one workspace in one transactional batch.

use crate::access::{CanEdit, WorkspaceScope};
use crate::call::{Call, now};
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::projects::batch::made::Made;
use crate::projects::batch::{
    Done, Operation, OperationResult, ProjectBatch, ProjectBatchResult, Version,
};
use crate::projects::find::NO_PROJECT;
use crate::projects::service::{keep_if_open, read_to_write};
use crate::projects::{Project, StoredProject};
use crate::workspaces::OpenMarker;
use crate::workspaces::reopening::{Settled, settle};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::{ETag, Versioned};
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use cosmos_store::item::Item;
use futures::future::try_join_all;
use rest::precondition::Precondition;

/// Carries out all operations or none. The record of `key` is written with them, so that what became of
/// a batch whose answer was lost can always be told.
pub async fn execute(
    call: &Call,
    workspace_id: WorkspaceId,
    ProjectBatch { operations }: &ProjectBatch,
    key: &IdempotencyKey,
) -> Result<ProjectBatchResult, ServiceError> {
    let scope = call.authorise::<CanEdit>(workspace_id).await?;
    let slot = key.slot(call.caller.id.as_str(), workspace_id);
    if let Some(before) = call.first_answer(&slot).await? {
        return Ok(before);
    }
    let mut made = Made::new(call, workspace_id, operations);
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let plan = match Plan::new(call, &scope, operations, &made).await {
            Ok(plan) => plan,
            // It may see what this very batch has done already, with its answer lost on the way.
            Err(error) => return call.first_answer(&slot).await?.ok_or(error),
        };
        let failure = match plan.execute(call, &scope, &slot).await {
            Ok(result) => {
                keep_if_open(call, &scope, &made.projects(), &slot).await?;
                return Ok(result);
            }
            Err(failure) => failure,
        };
        let blamed = failure.operation.map(|operation| plan.step(operation));
        match (blamed, failure.error) {
            (Some(Step::Open), StorageError::NotFound) => {
                if settle(&call.items, workspace_id).await? == Settled::Gone {
                    call.memberships.forget(workspace_id);
                    return Err(NO_WORKSPACE);
                }
            }
            (Some(Step::Slug(index)), StorageError::AlreadyExists) => {
                // It may be this very batch that took it, with its answer lost on the way.
                if let Some(before) = call.first_answer(&slot).await? {
                    return Ok(before);
                }
                made.choose_other_slugs(call, &scope, index).await?;
            }
            // Somebody was faster: the next plan sees what they did, and says so if it matters.
            (Some(_), StorageError::Changed | StorageError::NotFound) => {}
            (Some(Step::Record), StorageError::AlreadyExists) => {
                let before = call.first_answer(&slot).await?;
                return before.ok_or(ServiceError::Contended);
            }
            (_, error) if error.outcome_is_unknown() => {
                let before = call.first_answer(&slot).await?;
                return before.ok_or(error.into());
            }
            (_, error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}

/// What an operation of the transactional batch is for.
#[derive(Clone, Copy)]
enum Step {
    Open,
    /// Of the operation with this index.
    Slug(usize),
    Project,
    Record,
}

/// The operations with the projects as they are now.
struct Plan<'a> {
    changes: Vec<Change<'a>>,
}

enum Change<'a> {
    Create(&'a StoredProject),
    Replace(Box<StoredProject>, ETag),
    Delete(Box<Versioned<StoredProject>>),
}

impl<'a> Plan<'a> {
    async fn new(
        call: &Call,
        scope: &WorkspaceScope<CanEdit>,
        operations: &[Operation],
        Made(made): &'a Made,
    ) -> Result<Self, ServiceError> {
        let changes = operations.iter().zip(made).enumerate();
        let changes = changes.map(async |(index, (operation, made))| {
            let change = match made {
                Some((project, _)) => Ok(Change::Create(project)),
                None => change(call, scope, operation).await,
            };
            change.map_err(|error| ServiceError::Operation {
                index,
                error: Box::new(error),
            })
        });
        Ok(Self {
            changes: try_join_all(changes).await?,
        })
    }

    async fn execute(
        &self,
        call: &Call,
        scope: &WorkspaceScope<CanEdit>,
        slot: &RecordSlot,
    ) -> Result<ProjectBatchResult, BatchFailure> {
        let mut result = ProjectBatchResult {
            results: self.changes.iter().map(Change::result).collect(),
        };
        let mut batch = Batch::new(scope).require(OpenMarker::ID);
        for change in &self.changes {
            batch = change.add_to(batch)?;
        }
        let etags = call
            .items
            .execute(batch.create(&slot.filled(&result))?)
            .await?;
        for (operation, etag) in etags.into_iter().enumerate() {
            if let Some(index) = self.written_by(operation) {
                result.results[index].etag = etag.map(|etag| etag.as_str().to_owned());
            }
        }
        Ok(result)
    }

    /// For each operation of the transactional batch, in its order.
    fn steps(&self) -> impl Iterator<Item = (Step, usize)> {
        let changes = self.changes.iter().enumerate();
        let steps = changes.flat_map(|(index, change)| {
            change
                .steps(index)
                .into_iter()
                .map(move |step| (step, index))
        });
        std::iter::once((Step::Open, 0))
            .chain(steps)
            .chain(std::iter::once((Step::Record, 0)))
    }

    fn step(&self, operation: usize) -> Step {
        self.steps()
            .nth(operation)
            .map_or(Step::Record, |(step, _)| step)
    }

    /// The index of the operation whose project this one writes.
    fn written_by(&self, operation: usize) -> Option<usize> {
        let (step, index) = self.steps().nth(operation)?;
        let deletes = matches!(self.changes[index], Change::Delete(_));
        (matches!(step, Step::Project) && !deletes).then_some(index)
    }
}

async fn change(
    call: &Call,
    scope: &WorkspaceScope<CanEdit>,
    operation: &Operation,
) -> Result<Change<'static>, ServiceError> {
    let latest = async |id, if_match: &Option<Version>| {
        let latest = read_to_write(call, scope, id).await?;
        if let Some(version) = if_match {
            Precondition::on(version.as_str()).check(&latest.etag)?;
        }
        Ok::<_, ServiceError>(latest)
    };
    match operation {
        Operation::Create { .. } => Err(NO_PROJECT),
        Operation::Update {
            id,
            if_match,
            patch,
        } => {
            let Versioned { item, etag } = latest(*id, if_match).await?;
            let changed = if patch.is_empty() {
                item
            } else {
                patch.apply(item, now(), call.write())
            };
            Ok(Change::Replace(Box::new(changed), etag))
        }
        Operation::Delete { id, if_match } => {
            let project = latest(*id, if_match).await?;
            Ok(Change::Delete(Box::new(project)))
        }
    }
}

impl Change<'_> {
    fn add_to(&self, batch: Batch) -> Result<Batch, StorageError> {
        match self {
            Self::Create(project) => batch.create(&project.reservation())?.create(*project),
            Self::Replace(project, etag) => batch.replace(&**project, etag),
            Self::Delete(project) => Ok(batch
                .delete(&project.item.id(), Some(&project.etag))
                .delete(&project.item.reservation().id(), None)),
        }
    }

    /// What [`Change::add_to`] adds.
    fn steps(&self, index: usize) -> Vec<Step> {
        match self {
            Self::Create(_) => vec![Step::Slug(index), Step::Project],
            Self::Replace(..) => vec![Step::Project],
            Self::Delete(_) => vec![Step::Project, Step::Slug(index)],
        }
    }

    fn result(&self) -> OperationResult {
        let (result, project) = match self {
            Self::Create(project) => (Done::Created, Some((*project).clone())),
            Self::Replace(project, _) => (Done::Updated, Some((**project).clone())),
            Self::Delete(_) => (Done::Deleted, None),
        };
        OperationResult {
            result,
            project: project.map(Project::from),
            etag: None,
        }
    }
}
