//! Transactional batches.

use super::error::StorageError;
use super::etag::ETag;
use crate::item::{InPartition, Item};
use crate::scope::WriteScope;
use azure_data_cosmos::TransactionalBatch;
use azure_data_cosmos::options::{BatchDeleteOptions, BatchReplaceOptions, Precondition};
use std::borrow::Cow;
use std::fmt::Debug;

/// Writes to one partition that happen together or not at all: at most 100, at most 2 MB.
///
/// Each step has a label `S`, by which a failure and the versions that were written are found.
#[derive(Debug, Clone)]
#[must_use]
pub struct Batch<S> {
    pub(super) sdk: TransactionalBatch,
    pub(super) steps: Vec<S>,
    partition: Cow<'static, str>,
}

/// Why nothing of a batch happened.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct BatchFailure<S: Debug> {
    /// The step that is to blame; `None` if it is the batch as a whole.
    pub step: Option<S>,
    /// What is wrong with it.
    #[source]
    pub error: StorageError,
}

/// The versions of the items that a batch wrote.
#[derive(Debug)]
pub struct Written<S>(pub(super) Vec<(S, Option<ETag>)>);

impl<S: PartialEq> Written<S> {
    /// Returns the version of the item that `step` wrote; an empty one if it wrote none.
    pub fn etag(&self, step: &S) -> ETag {
        let found = self.0.iter().find(|(written, _)| written == step);
        found.and_then(|(_, etag)| etag.clone()).unwrap_or_default()
    }
}

impl<S> Batch<S> {
    /// A batch without steps.
    pub fn new(scope: &impl WriteScope) -> Self {
        Self {
            sdk: TransactionalBatch::new(scope.partition()),
            steps: Vec::new(),
            partition: scope.partition(),
        }
    }

    /// Creates the item. Fails the batch with `AlreadyExists` if its id is taken.
    ///
    /// # Errors
    /// An item that does not serialize.
    pub fn create<T: Item>(mut self, step: S, item: &T) -> Result<Self, StorageError> {
        let item = InPartition::new(&self.partition, item);
        self.sdk = self.sdk.create_item(&item)?;
        self.steps.push(step);
        Ok(self)
    }

    /// Creates the item, or replaces the one that has its id.
    ///
    /// # Errors
    /// An item that does not serialize.
    pub fn upsert<T: Item>(mut self, step: S, item: &T) -> Result<Self, StorageError> {
        let item = InPartition::new(&self.partition, item);
        self.sdk = self.sdk.upsert_item(&item, None)?;
        self.steps.push(step);
        Ok(self)
    }

    /// Fails the batch with `NotFound` if there is no such item.
    pub fn require(mut self, step: S, id: &str) -> Self {
        self.sdk = self.sdk.read_item(id.to_owned(), None);
        self.steps.push(step);
        self
    }

    /// Replaces an item that exists. With an `etag`, fails the batch with `Changed` if it is another version.
    ///
    /// # Errors
    /// An item that does not serialize.
    pub fn replace<T: Item>(
        mut self,
        step: S,
        item: &T,
        etag: Option<&ETag>,
    ) -> Result<Self, StorageError> {
        let options = etag.map(|etag| {
            BatchReplaceOptions::default().with_precondition(Precondition::if_match(etag.0.clone()))
        });
        let stored = InPartition::new(&self.partition, item);
        self.sdk = self.sdk.replace_item(item.id(), &stored, options)?;
        self.steps.push(step);
        Ok(self)
    }

    /// Deletes an item. With an `etag`, fails the batch with `Changed` if it is another version.
    pub fn delete(mut self, step: S, id: &str, etag: Option<&ETag>) -> Self {
        let options = etag.map(|etag| {
            BatchDeleteOptions::default().with_precondition(Precondition::if_match(etag.0.clone()))
        });
        self.sdk = self.sdk.delete_item(id.to_owned(), options);
        self.steps.push(step);
        self
    }
}

impl<S: Debug> From<StorageError> for BatchFailure<S> {
    fn from(error: StorageError) -> Self {
        Self { step: None, error }
    }
}

impl<S: Debug> From<BatchFailure<S>> for StorageError {
    fn from(failure: BatchFailure<S>) -> Self {
        failure.error
    }
}
