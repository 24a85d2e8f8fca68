//! Why a request was not carried out.

use crate::id::WorkspaceId;
use crate::members::{MAX_OWNERS, Role};
use crate::problems;
use cosmos_store::batch::BatchFailure;
use cosmos_store::change::Contended;
use cosmos_store::error::StorageError;
use rest::continuation::BadContinuation;
use rest::precondition::PreconditionFailed;
use rest::problem::Problem;
use rest::problem_type as kinds;
use rest::violations::Violations;
use std::fmt::Debug;
use std::time::Duration;

/// The same answer as for a caller who is not a member: nobody is a member of a workspace that does not exist.
pub(crate) const NO_WORKSPACE: ServiceError = ServiceError::Hidden;

const RETRY_SOON: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The caller is not a member. Whether there is such a thing is not theirs to know, so nothing about
    /// the answer may depend on it.
    #[error("there is no such resource, or it is not for this caller to see")]
    Hidden,
    #[error("this needs the role {0:?}")]
    RoleTooLow(Role),
    /// The caller's `If-Match` names a version that is no longer the latest.
    #[error("the precondition failed")]
    PreconditionFailed,
    /// Others kept changing the item while this request tried to.
    #[error("the item keeps changing")]
    Contended,
    #[error("the body is not valid")]
    Invalid(Violations),
    #[error("the idempotency key came with another request")]
    IdempotencyKeyReused,
    /// The project is on its way to another workspace.
    #[error("the project is being moved")]
    Moving,
    /// One operation of a batch failed, and with it all of them.
    #[error("operation {index} failed: {error}")]
    Operation {
        index: usize,
        error: Box<ServiceError>,
    },
    #[error("the last owner of a workspace stays its owner")]
    LastOwner,
    /// The caller alone owns these workspaces.
    #[error("hand over or delete the workspaces that nobody else owns first: {}", shown(.0))]
    SoleOwner(Vec<WorkspaceId>),
    #[error("a workspace has at most {MAX_OWNERS} owners")]
    TooManyOwners,
    #[error("the workspace is not empty")]
    WorkspaceNotEmpty,
    #[error("the continuation token is not one of this list")]
    BadContinuation,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<PreconditionFailed> for ServiceError {
    fn from(_failed: PreconditionFailed) -> Self {
        Self::PreconditionFailed
    }
}

impl From<Contended> for ServiceError {
    fn from(_contended: Contended) -> Self {
        Self::Contended
    }
}

impl From<BadContinuation> for ServiceError {
    fn from(_bad: BadContinuation) -> Self {
        Self::BadContinuation
    }
}

impl From<Violations> for ServiceError {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl<S: Debug> From<BatchFailure<S>> for ServiceError {
    fn from(failure: BatchFailure<S>) -> Self {
        failure.error.into()
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::Hidden => Self::new(&kinds::NOT_FOUND, detail).concealed(),
            ServiceError::NotFound(_) => Self::new(&kinds::NOT_FOUND, detail),
            ServiceError::RoleTooLow(_) => Self::new(&problems::ROLE_TOO_LOW, detail),
            ServiceError::PreconditionFailed => PreconditionFailed.into(),
            ServiceError::Contended => Self::new(&kinds::CONTENDED, detail).retry_after(RETRY_SOON),
            ServiceError::Invalid(violations) => Self::invalid_body(violations),
            ServiceError::IdempotencyKeyReused => Self::new(
                &kinds::IDEMPOTENCY_KEY_REUSED,
                "take a new key for a new request; in one workspace a key is good for one path and body",
            ),
            ServiceError::Moving => Self::new(&problems::MOVING, detail).retry_after(RETRY_SOON),
            ServiceError::Operation { index, error } => of_operation(index, *error),
            ServiceError::LastOwner | ServiceError::SoleOwner(_) => {
                Self::new(&problems::LAST_OWNER, detail)
            }
            ServiceError::TooManyOwners => Self::new(&problems::TOO_MANY_OWNERS, detail),
            ServiceError::WorkspaceNotEmpty => Self::new(
                &problems::WORKSPACE_NOT_EMPTY,
                "delete or move what is in it first",
            ),
            ServiceError::BadContinuation => BadContinuation.into(),
            ServiceError::Storage(error) => error.into(),
        }
    }
}

/// The problem of a batch, with a pointer to the operation that failed.
fn of_operation(index: usize, error: ServiceError) -> Problem {
    let at = format!("/operations/{index}");
    if let ServiceError::Invalid(violations) = error {
        return Problem::invalid_body(violations.under(&format!("{at}/patch")));
    }
    Problem::from(error).at(at)
}

fn shown(ids: &[WorkspaceId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
