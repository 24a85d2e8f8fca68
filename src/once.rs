//! Writing to a workspace once for each idempotency key, while the workspace is open.

use crate::access::{CanEdit, WorkspaceScope};
use crate::call::Call;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::workspaces::OpenMarker;
use crate::workspaces::reopening::{Settled, put_marker_back, settle};
use cosmos_store::batch::{Batch, BatchFailure, Written};
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::ops::ControlFlow;

/// A step of the batch: two that every such batch has, and those of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step<S> {
    /// Requires the marker of an open workspace.
    Open,
    /// Keeps the answer for repeats of the request.
    Record,
    Own(S),
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Plan<S, A> {
    pub(crate) batch: Batch<Step<S>>,
    pub(crate) answer: A,
    /// The ids of the items that it creates.
    pub(crate) made: Vec<String>,
}

/// Plans what is to be written.
pub(crate) trait Planning: Send {
    /// Labels its own steps.
    type Step: Debug + Clone + PartialEq + Send;
    type Answer: Serialize + DeserializeOwned + Send;

    /// Returns the plan; after a `conflict` of one of its steps with another write, the next one.
    fn plan(
        &mut self,
        conflict: Option<Self::Step>,
    ) -> impl Future<Output = Result<Plan<Self::Step, Self::Answer>, ServiceError>> + Send;
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Once<S, A> {
    Done(A, Written<Step<S>>),
    /// The key came before, with this answer.
    Before(A),
}

impl Call<CanEdit> {
    /// Writes what is planned and keeps its answer under `key`, all in one batch.
    ///
    /// The record of the key tells what became of a batch whose answer was lost.
    pub(crate) async fn write_once<P: Planning>(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        key: &IdempotencyKey,
        mut planning: P,
    ) -> Result<Once<P::Step, P::Answer>, ServiceError> {
        let slot = key.slot(self.caller.id.as_str(), scope.workspace_id());
        let mut attempts = Attempts::default();
        let mut conflict = None;
        while attempts.next().await {
            let Plan {
                batch,
                answer,
                made,
            } = match planning.plan(conflict.take()).await {
                Ok(plan) => plan,
                // It may see what this very request has done already, with its answer lost on the way.
                Err(error) => return self.before(scope, &slot).await?.ok_or(error),
            };
            let batch = batch
                .require(Step::Open, OpenMarker::ID)
                .create(Step::Record, &slot.filled(&answer))?;
            match self.items.execute(batch).await {
                Ok(written) => {
                    self.keep_if_open(scope, &slot, &made).await?;
                    return Ok(Once::Done(answer, written));
                }
                Err(failure) => match self.look_again(scope, &slot, failure).await? {
                    ControlFlow::Break(before) => return Ok(before),
                    ControlFlow::Continue(step) => conflict = step,
                },
            }
        }
        Err(ServiceError::Contended)
    }

    /// What has become of a batch that failed: the answer to a repeat, or the step whose conflict the next plan is to
    /// avoid.
    async fn look_again<S: Debug, A: DeserializeOwned>(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        slot: &RecordSlot,
        failure: BatchFailure<Step<S>>,
    ) -> Result<ControlFlow<Once<S, A>, Option<S>>, ServiceError> {
        let before = match (failure.step, failure.error) {
            (Some(Step::Open), StorageError::NotFound) => {
                if put_marker_back(&self.items, scope.workspace_id()).await? == Settled::Gone {
                    self.memberships
                        .forget(scope.workspace_id(), &self.caller.id);
                    return Err(NO_WORKSPACE);
                }
                return Ok(ControlFlow::Continue(None));
            }
            (Some(Step::Own(step)), error) if error.is_overtaken() => {
                return Ok(match self.before(scope, slot).await? {
                    Some(before) => ControlFlow::Break(before),
                    None => ControlFlow::Continue(Some(step)),
                });
            }
            (Some(Step::Record), StorageError::AlreadyExists) => {
                let before = self.before(scope, slot).await?;
                before.ok_or(ServiceError::Contended)
            }
            (_, error) if error.outcome_is_unknown() => {
                self.before(scope, slot).await?.ok_or(error.into())
            }
            (_, error) => Err(error.into()),
        };
        before.map(ControlFlow::Break)
    }

    /// The first answer to the key, if there was one. It is not repeated once the workspace is gone, and all in it.
    async fn before<S, A: DeserializeOwned>(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        slot: &RecordSlot,
    ) -> Result<Option<Once<S, A>>, ServiceError> {
        let Some(before) = self.first_answer(slot).await? else {
            return Ok(None);
        };
        match settle(&self.items, scope.workspace_id()).await? {
            Settled::Open => Ok(Some(Once::Before(before))),
            Settled::Gone => Err(NO_WORKSPACE),
        }
    }

    /// Takes back what was made while the workspace was being deleted.
    ///
    /// Batches run under snapshot isolation. The one that made the items may have read a marker that was removed
    /// before they could be seen, so the workspace is looked at once more. Either the deletion sees the items, or this
    /// sees the deletion.
    async fn keep_if_open(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        slot: &RecordSlot,
        made: &[String],
    ) -> Result<(), ServiceError> {
        let workspace_id = scope.workspace_id();
        if made.is_empty() || settle(&self.items, workspace_id).await? == Settled::Open {
            return Ok(());
        }
        let batch = Batch::new(scope).delete((), &slot.id, None);
        let taken_back = made
            .iter()
            .fold(batch, |batch, id| batch.delete((), id, None));
        self.items.execute(taken_back).await?;
        self.memberships.forget(workspace_id, &self.caller.id);
        Err(NO_WORKSPACE)
    }
}
