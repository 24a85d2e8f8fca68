//! A project as it is stored.

use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::id::ProjectId;
use crate::projects::StoredProject;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;

pub(crate) const NO_PROJECT: ServiceError = ServiceError::NotFound("project");

/// Returns the project, also while it is being moved.
pub(crate) async fn find<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    id: ProjectId,
) -> Result<Option<Versioned<StoredProject>>, StorageError> {
    items.read(scope, &id.to_string()).await
}
