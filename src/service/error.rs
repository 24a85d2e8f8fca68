//! Why a request was not carried out.

use crate::cosmos::error::StorageError;
use crate::domain::access::{Denied, Role};

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("this needs the role {0:?}")]
    RoleTooLow(Role),
    /// The caller's `If-Match` names a version that is no longer the latest.
    #[error("the precondition failed")]
    PreconditionFailed,
    /// Others kept changing the item while this request tried to.
    #[error("the item keeps changing")]
    Contended,
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
            Denied::NotAMember => Self::NotFound("workspace"),
            Denied::RoleTooLow { needed } => Self::RoleTooLow(needed),
        }
    }
}
