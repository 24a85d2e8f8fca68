//! Reading and writing items for one request.
//!
//! Everything in a workspace partition takes a [`WorkspaceScope`]: see [`crate::domain::access`].

use super::batch::{Batch, BatchFailure};
use super::container::SharedContainer;
use super::error::StorageError;
use super::etag::{ETag, Versioned};
use super::query::Query;
use super::usage::Usage;
use crate::domain::access::{WorkspaceScope, WriteLevel};
use crate::domain::id::WorkspaceId;
use crate::domain::idempotency::{IdempotencyRecord, RecordSlot};
use crate::domain::item::{GlobalItem, Item};
use crate::domain::workspace::StoredWorkspace;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::TransactionalBatchOperationResult as BatchResult;
use azure_data_cosmos::options::BatchOptions;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the SDK does for single writes that are answered 449, and not for those in a batch.
const RETRY_PAUSES: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(160),
];

/// The items one request reaches, with what it used of storage and its deadline.
#[derive(Debug, Clone)]
pub struct Items {
    pub(super) container: SharedContainer,
    pub(super) usage: Arc<Usage>,
    pub(super) deadline: Instant,
}

impl Items {
    #[must_use]
    pub fn new(container: SharedContainer, usage: Arc<Usage>, deadline: Instant) -> Self {
        Self {
            container,
            usage,
            deadline,
        }
    }

    /// Whether there is storage at all. Without, lists are empty: the answer says it is degraded.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        let configured = self.container.is_configured();
        if !configured {
            self.usage.found_no_storage();
        }
        configured
    }

    /// The workspace, for the check that makes a scope of it.
    pub async fn read_workspace(
        &self,
        id: WorkspaceId,
    ) -> Result<Option<Versioned<StoredWorkspace>>, StorageError> {
        self.read_in(id.to_string(), &id.to_string()).await
    }

    /// The record in a slot. A slot is its caller's own: its id is made of the caller's.
    pub async fn read_record(
        &self,
        slot: &RecordSlot,
    ) -> Result<Option<IdempotencyRecord>, StorageError> {
        let found = self
            .read_in(slot.workspace_id.to_string(), &slot.id)
            .await?;
        Ok(found.map(|found| found.item))
    }

    pub async fn read<T: Item, L>(
        &self,
        scope: &WorkspaceScope<L>,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        self.read_in(scope.workspace_id().to_string(), id).await
    }

    pub async fn read_global<T: GlobalItem>(
        &self,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        self.read_in(T::PARTITION, id).await
    }

    /// Creates an item. Errors with `AlreadyExists` when its id is taken.
    pub async fn create<T: Item, L: WriteLevel>(
        &self,
        scope: &WorkspaceScope<L>,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        self.create_in(scope.workspace_id().to_string(), item).await
    }

    pub async fn create_global<T: GlobalItem>(
        &self,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        self.create_in(T::PARTITION, item).await
    }

    /// Replaces an item that is still at version `etag`; errors with `Changed` when it is not.
    pub async fn replace<T: Item, L: WriteLevel>(
        &self,
        scope: &WorkspaceScope<L>,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        self.replace_in(scope.workspace_id().to_string(), item, etag)
            .await
    }

    pub async fn replace_global<T: GlobalItem>(
        &self,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        self.replace_in(T::PARTITION, item, etag).await
    }

    pub async fn delete_global<T: GlobalItem>(&self, item: &T) -> Result<(), StorageError> {
        self.delete_in(T::PARTITION, &item.id()).await
    }

    /// Runs `batch`, all of it or nothing, and returns the version of each item it wrote. Another write that
    /// is in the way at this very moment is waited for.
    pub async fn execute(&self, batch: Batch) -> Result<Vec<Option<ETag>>, BatchFailure> {
        let mut pauses = RETRY_PAUSES.iter();
        loop {
            match self.execute_once(batch.clone()).await {
                Err(failure) if failure.error.is_retry_with() => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(failure),
                },
                executed => return executed,
            }
        }
    }

    async fn execute_once(&self, batch: Batch) -> Result<Vec<Option<ETag>>, BatchFailure> {
        let container = self.container().await?;
        let mut options = BatchOptions::default();
        options.operation = self.write_options()?;
        let mut observation = self.observe("execute_batch");
        let execute =
            observation.run(container.execute_transactional_batch(batch.0, Some(options)));
        let executed = execute.await?;
        let results = executed.into_model();
        let results = results.map_err(StorageError::from)?;
        let results = results.results();
        // Operations that were not to blame answer 424; the one that was says why.
        let blamed = |result: &BatchResult| !result.is_success() && result.status_code() != 424;
        match results.iter().position(blamed) {
            Some(operation) => {
                let result = &results[operation];
                Err(BatchFailure {
                    operation: Some(operation),
                    error: StorageError::in_batch(result.status_code(), result.retry_after()),
                })
            }
            None => Ok(results
                .iter()
                .map(|result| result.etag().map(|etag| ETag(etag.to_owned())))
                .collect()),
        }
    }

    /// The first `limit` items of `query` in the scope's partition.
    pub async fn query<T: Item, L>(
        &self,
        scope: &WorkspaceScope<L>,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        let partition = FeedScope::partition(scope.workspace_id().to_string());
        self.query_in(partition, query, limit).await
    }

    /// The first `limit` items of `query` in the partition of their kind.
    pub async fn query_global<T: GlobalItem>(
        &self,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        let partition = FeedScope::partition(T::PARTITION);
        self.query_in(partition, query, limit).await
    }

    /// The first `limit` items of `query` in all partitions: for what no partition key is known of.
    pub async fn query_across_partitions<T: Item>(
        &self,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        self.query_in(FeedScope::full_container(), query, limit)
            .await
    }
}
