//! Opening a workspace again whose deletion did not go on.

use crate::access::{CanFinishDeletion, WorkspaceScope};
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::workspaces::{OpenMarker, StoredWorkspace, stored};
use cosmos_store::batch::Batch;
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;

/// What became of a workspace that does not take projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Gone,
    Open,
}

/// Opens the workspace again, if it is there. A deletion that goes on notices, and begins anew.
pub(crate) async fn settle(items: &Items, id: WorkspaceId) -> Result<Settled, ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let Some(latest) = stored::read(items, id).await? else {
            return Ok(Settled::Gone);
        };
        match WorkspaceScope::of_closing(&latest.item) {
            Some(scope) => reopen(items, &scope, latest).await?,
            None => return Ok(Settled::Open),
        }
    }
    Err(ServiceError::Contended)
}

pub(super) async fn reopen(
    items: &Items,
    scope: &WorkspaceScope<CanFinishDeletion>,
    latest: Versioned<StoredWorkspace>,
) -> Result<(), StorageError> {
    let open = latest.item.with_closing(false, WriteId::random());
    let batch = Batch::new(scope)
        .upsert("marker", &OpenMarker::default())?
        .replace("workspace", &open, Some(&latest.etag))?;
    match items.execute(batch).await.map_err(StorageError::from) {
        // Somebody else did something: whoever needs to looks again.
        Ok(_) | Err(StorageError::Changed | StorageError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
