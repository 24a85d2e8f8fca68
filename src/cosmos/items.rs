//! Reading and writing items for one request.
//!
//! Everything in a workspace partition takes a [`WorkspaceScope`]: see [`crate::domain::access`].

use super::batch::Batch;
use super::container::SharedContainer;
use super::error::StorageError;
use super::etag::{ETag, Versioned, etag_of};
use super::query::Query;
use super::usage::Usage;
use crate::domain::access::{WorkspaceScope, WriteLevel};
use crate::domain::id::WorkspaceId;
use crate::domain::item::{GLOBAL_PARTITION, Item};
use crate::domain::workspace::StoredWorkspace;
use azure_data_cosmos::diagnostics::DiagnosticsContext;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::{
    BatchResponse, ItemResponse, ResponseBody, TransactionalBatchOperationResult as BatchResult,
};
use azure_data_cosmos::options::{
    BatchOptions, ItemReadOptions, ItemWriteOptions, MaxItemCountHint, OperationOptions,
    Precondition, QueryOptions, ThrottlingRetryOptions,
};
use azure_data_cosmos::{ContainerClient, CosmosError, PartitionKey};
use futures::StreamExt;
use serde::Deserialize;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

/// The items one request reaches, with what it used of storage and its deadline.
#[derive(Debug, Clone)]
pub struct Items {
    container: SharedContainer,
    usage: Arc<Usage>,
    deadline: Instant,
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

    pub async fn read<T: Item, L>(
        &self,
        scope: &WorkspaceScope<L>,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        self.read_in(scope.workspace_id().to_string(), id).await
    }

    pub async fn read_global<T: Item>(
        &self,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        self.read_in(GLOBAL_PARTITION, id).await
    }

    /// Creates an item. Errors with `AlreadyExists` when its id is taken.
    pub async fn create<T: Item, L: WriteLevel>(
        &self,
        scope: &WorkspaceScope<L>,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        self.create_in(scope.workspace_id().to_string(), item).await
    }

    pub async fn create_global<T: Item>(&self, item: T) -> Result<Versioned<T>, StorageError> {
        self.create_in(GLOBAL_PARTITION, item).await
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

    pub async fn replace_global<T: Item>(
        &self,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        self.replace_in(GLOBAL_PARTITION, item, etag).await
    }

    /// Runs `batch`, all of it or nothing, and returns the version of each item it wrote.
    pub async fn execute(&self, batch: Batch) -> Result<Vec<Option<ETag>>, StorageError> {
        let container = self.container().await?;
        let mut options = BatchOptions::default();
        options.operation = self.options()?;
        let executed = container
            .execute_transactional_batch(batch.0, Some(options))
            .await;
        let results = self.charged(executed)?.into_model()?;
        let results = results.results();
        // Operations that were not to blame answer 424; the one that was says why.
        let blamed = |result: &&BatchResult| !result.is_success() && result.status_code() != 424;
        match results.iter().find(blamed) {
            Some(result) => Err(StorageError::in_batch(
                result.status_code(),
                result.retry_after(),
            )),
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

    /// The first `limit` items of `query` in the global partition.
    pub async fn query_global<T: Item>(
        &self,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        let partition = FeedScope::partition(GLOBAL_PARTITION);
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

    async fn container(&self) -> Result<&ContainerClient, StorageError> {
        let opened = self.container.get().await;
        if let Err(StorageError::NotConfigured) = &opened {
            self.usage.found_no_storage();
        }
        opened
    }

    async fn read_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        let container = self.container().await?;
        let options = ItemReadOptions::default().with_operation_options(self.options()?);
        let read = container.read_item(partition, id, Some(options)).await;
        let response = match self.charged(read) {
            Ok(response) => response,
            Err(StorageError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let etag = etag_of(&response);
        let item = parse(response.into_body())?;
        Ok(item.map(|item| Versioned { item, etag }))
    }

    async fn create_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default().with_operation_options(self.options()?);
        let created = container
            .create_item(partition, &item.id(), &item, Some(options))
            .await;
        let response = self.charged(created)?;
        Ok(Versioned {
            etag: etag_of(&response),
            item,
        })
    }

    async fn replace_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default()
            .with_precondition(Precondition::if_match(etag.0.clone()))
            .with_operation_options(self.options()?);
        let written = container
            .replace_item(partition, &item.id(), &item, Some(options))
            .await;
        let response = self.charged(written)?;
        Ok(Versioned {
            etag: etag_of(&response),
            item,
        })
    }

    async fn query_in<T: Item>(
        &self,
        scope: FeedScope,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        let container = self.container().await?;
        let mut options =
            QueryOptions::default().with_max_item_count(MaxItemCountHint::Limit(limit));
        options.operation = self.options()?;
        let planned = container
            .query_items::<T>(query.into_sdk(), scope, Some(options))
            .await;
        let limit = limit.get() as usize;
        let mut items = Vec::with_capacity(limit);
        let mut pages = planned.map_err(|error| self.failed(error))?.into_pages();
        while items.len() < limit {
            let Some(page) = pages.next().await else {
                break;
            };
            let page = page.map_err(|error| self.failed(error))?;
            self.usage.add(&page.diagnostics());
            self.container.note(None);
            items.extend(page.into_items());
        }
        items.truncate(limit);
        Ok(items)
    }

    /// The SDK's own retries end with the request: the host gives up on it anyway.
    fn options(&self) -> Result<OperationOptions, StorageError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StorageError::TimedOut { source: None });
        }
        let mut throttling = ThrottlingRetryOptions::default();
        throttling.max_retry_wait_time = Some(left / 2);
        let mut options = OperationOptions::default();
        options.end_to_end_latency_policy = Some(left.into());
        options.throttling_retry_options = Some(throttling);
        Ok(options)
    }

    fn charged<R: Charged>(&self, result: Result<R, CosmosError>) -> Result<R, StorageError> {
        match result {
            Ok(response) => {
                self.usage.add(&response.diagnostics());
                self.container.note(None);
                Ok(response)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: CosmosError) -> StorageError {
        if let Some(diagnostics) = error.diagnostics() {
            self.usage.add(&diagnostics);
        }
        let error = StorageError::from(error);
        self.container.note(Some(&error));
        error
    }
}

/// Answers that tell what they cost.
trait Charged {
    fn diagnostics(&self) -> Arc<DiagnosticsContext>;
}

impl Charged for ItemResponse {
    fn diagnostics(&self) -> Arc<DiagnosticsContext> {
        ItemResponse::diagnostics(self)
    }
}

impl Charged for BatchResponse {
    fn diagnostics(&self) -> Arc<DiagnosticsContext> {
        BatchResponse::diagnostics(self)
    }
}

/// Reads an item, or nothing when it is of another kind: ids of one partition share one space.
fn parse<T: Item>(body: ResponseBody) -> Result<Option<T>, StorageError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Kind {
        doc_type: String,
    }
    match body.clone().into_single::<T>() {
        Ok(item) => Ok(Some(item)),
        Err(error) => match body.into_single::<Kind>() {
            Ok(kind) if kind.doc_type != T::DOC_TYPE => Ok(None),
            _ => Err(error.into()),
        },
    }
}
