//! Why a request was not carried out.

use crate::cosmos::batch::BatchFailure;
use crate::cosmos::error::StorageError;
use crate::domain::access::Denied;
use crate::domain::fields::Violation;
use crate::domain::member::{MAX_MEMBERS, MemberError, Role};

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The caller is no member. Whether there is such a thing is not theirs to know, so nothing about
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
    /// The body lacks what nothing else can give.
    #[error("the body is not valid")]
    Invalid(Violation),
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
    #[error("a workspace has at most {MAX_MEMBERS} members")]
    TooManyMembers,
    #[error("the workspace has projects")]
    WorkspaceNotEmpty,
    #[error("the continuation token is not one of this list")]
    BadContinuation,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAMember => Self::Hidden,
            Denied::RoleTooLow { needed } => Self::RoleTooLow(needed),
        }
    }
}

impl From<MemberError> for ServiceError {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::LastOwner => Self::LastOwner,
            MemberError::TooMany => Self::TooManyMembers,
            MemberError::NotAMember => Self::NotFound("member"),
        }
    }
}

impl From<Violation> for ServiceError {
    fn from(violation: Violation) -> Self {
        Self::Invalid(violation)
    }
}

impl From<BatchFailure> for ServiceError {
    fn from(failure: BatchFailure) -> Self {
        failure.error.into()
    }
}
