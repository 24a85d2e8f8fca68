//! A project as it is stored.

use crate::access::WorkspaceScope;
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::ProjectId;
use crate::projects::StoredProject;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;

pub(crate) const NO_PROJECT: ServiceError = ServiceError::NotFound("project");

/// Returns the project, also while it is being moved.
pub(crate) async fn find<L>(
    call: &Call,
    scope: &WorkspaceScope<L>,
    id: ProjectId,
) -> Result<Option<Versioned<StoredProject>>, StorageError> {
    call.items.read(scope, &id.to_string()).await
}
