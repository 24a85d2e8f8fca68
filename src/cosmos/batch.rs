//! Transactional batches.

use super::error::StorageError;
use super::etag::ETag;
use crate::domain::access::{WorkspaceScope, WriteLevel};
use crate::domain::item::Item;
use azure_data_cosmos::TransactionalBatch;
use azure_data_cosmos::options::{BatchDeleteOptions, Precondition};

/// Writes to one workspace partition that happen together or not at all: at most 100, at most 2 MB.
#[derive(Debug)]
pub struct Batch(pub(super) TransactionalBatch);

impl Batch {
    #[must_use]
    pub fn new<L: WriteLevel>(scope: &WorkspaceScope<L>) -> Self {
        Self(TransactionalBatch::new(scope.workspace_id().to_string()))
    }

    pub fn create<T: Item>(self, item: &T) -> Result<Self, StorageError> {
        Ok(Self(self.0.create_item(item)?))
    }

    /// Fails the batch when there is no such item.
    #[must_use]
    pub fn require(self, id: String) -> Self {
        Self(self.0.read_item(id, None))
    }

    /// Deletes an item; with an `etag`, only while it is still that version.
    #[must_use]
    pub fn delete(self, id: String, etag: Option<&ETag>) -> Self {
        let options = etag.map(|etag| {
            BatchDeleteOptions::default().with_precondition(Precondition::if_match(etag.0.clone()))
        });
        Self(self.0.delete_item(id, options))
    }
}
