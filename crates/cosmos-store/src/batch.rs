//! Transactional batches.

use super::error::StorageError;
use super::etag::ETag;
use crate::item::Item;
use crate::scope::WriteScope;
use azure_data_cosmos::TransactionalBatch;
use azure_data_cosmos::options::{BatchDeleteOptions, BatchReplaceOptions, Precondition};

/// Writes to one partition that happen together or not at all: at most 100, at most 2 MB.
#[derive(Debug, Clone)]
pub struct Batch(pub(super) TransactionalBatch);

/// Why nothing of a batch happened.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct BatchFailure {
    /// The operation that is to blame, counted from 0; none when it is the batch as a whole.
    pub operation: Option<usize>,
    #[source]
    pub error: StorageError,
}

impl Batch {
    #[must_use]
    pub fn new(scope: &impl WriteScope) -> Self {
        Self(TransactionalBatch::new(scope.partition()))
    }

    /// Fails the batch with `AlreadyExists` when the id is taken.
    pub fn create<T: Item>(self, item: &T) -> Result<Self, StorageError> {
        Ok(Self(self.0.create_item(item)?))
    }

    /// Creates the item, or replaces the one that has its id.
    pub fn put<T: Item>(self, item: &T) -> Result<Self, StorageError> {
        Ok(Self(self.0.upsert_item(item, None)?))
    }

    /// Fails the batch with `NotFound` when there is no such item.
    #[must_use]
    pub fn require(self, id: &str) -> Self {
        Self(self.0.read_item(id.to_owned(), None))
    }

    /// Replaces an item that is still at version `etag`; fails the batch with `Changed` when it is not.
    pub fn replace<T: Item>(self, item: &T, etag: &ETag) -> Result<Self, StorageError> {
        let options = BatchReplaceOptions::default()
            .with_precondition(Precondition::if_match(etag.0.clone()));
        Ok(Self(self.0.replace_item(item.id(), item, Some(options))?))
    }

    /// Writes an item that is there, whatever its version; fails the batch with `NotFound` when it is not.
    pub fn rewrite<T: Item>(self, item: &T) -> Result<Self, StorageError> {
        Ok(Self(self.0.replace_item(item.id(), item, None)?))
    }

    /// Deletes an item; with an `etag`, only while it is still that version.
    #[must_use]
    pub fn delete(self, id: &str, etag: Option<&ETag>) -> Self {
        let options = etag.map(|etag| {
            BatchDeleteOptions::default().with_precondition(Precondition::if_match(etag.0.clone()))
        });
        Self(self.0.delete_item(id.to_owned(), options))
    }
}

impl From<StorageError> for BatchFailure {
    fn from(error: StorageError) -> Self {
        Self {
            operation: None,
            error,
        }
    }
}

impl From<BatchFailure> for StorageError {
    fn from(failure: BatchFailure) -> Self {
        failure.error
    }
}
