//! A project as it is stored.

use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::projects::StoredProject;
use crate::projects::id::ProjectId;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;

pub(crate) const NO_PROJECT: ServiceError = ServiceError::NotFound("project");

/// Returns the project, whatever may be done with it.
pub(crate) async fn find<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    id: ProjectId,
) -> Result<Option<Versioned<StoredProject>>, StorageError> {
    items.read(scope, &id.to_string()).await
}
