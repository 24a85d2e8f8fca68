//! Opening a workspace again whose deletion did not go on.

use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::workspaces::{OpenMarker, StoredWorkspace, stored};
use cosmos_store::batch::Batch;
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;

/// What became of a workspace that does not take anything new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Gone,
    Open,
}

/// Opens the workspace again if it is being deleted. A deletion that goes on notices, and starts over.
pub(crate) async fn settle(items: &Items, id: WorkspaceId) -> Result<Settled, ServiceError> {
    match stored::read(items, id).await? {
        None => Ok(Settled::Gone),
        Some(latest) if !latest.item.is_closing() => Ok(Settled::Open),
        Some(_) => put_marker_back(items, id).await,
    }
}

/// Opens a workspace without its marker: one that is being deleted, or that was restored without it.
pub(crate) async fn put_marker_back(
    items: &Items,
    id: WorkspaceId,
) -> Result<Settled, ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let Some(latest) = stored::read(items, id).await? else {
            return Ok(Settled::Gone);
        };
        if reopen(items, latest).await? {
            return Ok(Settled::Open);
        }
    }
    Err(ServiceError::Contended)
}

/// Returns false if somebody else has changed the workspace.
pub(super) async fn reopen(
    items: &Items,
    latest: Versioned<StoredWorkspace>,
) -> Result<bool, StorageError> {
    let scope = WorkspaceScope::internal(latest.item.id);
    let open = latest.item.with_closing(false, WriteId::random());
    let batch = Batch::new(&scope)
        .upsert("marker", &OpenMarker::default())?
        .replace("workspace", &open, Some(&latest.etag))?;
    match items.execute(batch).await.map_err(StorageError::from) {
        Ok(_) => Ok(true),
        Err(StorageError::Changed | StorageError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}
