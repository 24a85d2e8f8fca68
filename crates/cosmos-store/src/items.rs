//! Reading and writing items for one request, each operation within its deadline and charged to it.

use super::batch::{Batch, BatchFailure, Written};
use super::container::SharedContainer;
use super::error::StorageError;
use super::etag::{ETag, Versioned, etag_of};
use super::idempotency::{IdempotencyRecord, RecordSlot};
use super::item::{InPartition, Item};
use super::query::Query;
use super::scope::{Scope, WriteScope};
use super::usage::Usage;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::ResponseBody;
use azure_data_cosmos::options::{BatchOptions, ItemReadOptions, MaxItemCountHint, QueryOptions};
use futures::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt::Debug;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the SDK does for single writes that are answered 449, and not for those in a batch.
const RETRY_PAUSES_MS: [u64; 5] = [10, 20, 40, 80, 160];

/// The items that one request reaches, with what it used of storage and its deadline.
#[derive(Debug, Clone)]
pub struct Items {
    pub(super) container: SharedContainer,
    pub(super) usage: Arc<Usage>,
    pub(super) deadline: Instant,
}

impl Items {
    /// Items for a request that ends at `deadline`; what it costs is added to `usage`.
    pub fn new(container: SharedContainer, usage: Arc<Usage>, deadline: Instant) -> Self {
        Self {
            container,
            usage,
            deadline,
        }
    }

    /// When work that can be broken off anywhere should end, so that it is still answered: a fifth of the time that is
    /// left now stays.
    pub fn well_before_the_deadline(&self) -> Instant {
        let now = Instant::now();
        now + self.deadline.saturating_duration_since(now) * 4 / 5
    }

    /// Whether there is storage at all. Without, lists are empty: the answer says it is degraded.
    pub fn is_configured(&self) -> bool {
        let configured = self.container.is_configured();
        if !configured {
            self.usage.found_no_storage();
        }
        configured
    }

    /// Returns the item, or `None` if there is no `T` with this id.
    ///
    /// # Errors
    /// A failure of storage.
    pub async fn read<T: Item>(
        &self,
        scope: &impl Scope,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        self.read_in(scope.partition(), id).await
    }

    /// Returns the record in a slot. A slot is its caller's own: its id is made of the caller's.
    ///
    /// # Errors
    /// A failure of storage.
    pub async fn read_record(
        &self,
        slot: &RecordSlot,
    ) -> Result<Option<IdempotencyRecord>, StorageError> {
        let found = self.read_in(slot.partition.clone().into(), &slot.id);
        Ok(found.await?.map(|found| found.item))
    }

    async fn read_in<T: Item>(
        &self,
        partition: Cow<'static, str>,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StorageError> {
        let container = self.container().await?;
        let options = ItemReadOptions::default().with_operation_options(self.options()?);
        let response = match self
            .observe("read_item")
            .run(container.read_item(partition, id, Some(options)))
            .await
        {
            Ok(response) => response,
            Err(StorageError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let etag = etag_of(&response);
        let item = parse(response.into_body())?;
        Ok(item.map(|item| Versioned { item, etag }))
    }

    /// Creates an item.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`] if its id is taken; any other failure of storage.
    pub async fn create<T: Item>(
        &self,
        scope: &impl WriteScope,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = self.item_write_options(None)?;
        let (id, partition) = (item.id(), scope.partition());
        let stored = InPartition::new(&partition, &item);
        let response = self
            .observe("create_item")
            .run(container.create_item(partition.clone(), &id, &stored, Some(options)))
            .await?;
        let etag = etag_of(&response);
        Ok(Versioned { item, etag })
    }

    /// Replaces an item that is still at version `etag`.
    ///
    /// # Errors
    /// [`StorageError::Changed`] if it is at another version; any other failure of storage.
    pub async fn replace<T: Item>(
        &self,
        scope: &impl WriteScope,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = self.item_write_options(Some(etag))?;
        let (id, partition) = (item.id(), scope.partition());
        let stored = InPartition::new(&partition, &item);
        let response = self
            .observe("replace_item")
            .run(container.replace_item(partition.clone(), &id, &stored, Some(options)))
            .await?;
        let etag = etag_of(&response);
        Ok(Versioned { item, etag })
    }

    /// Deletes an item; with an `etag`, only while it is still at that version.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] if there is none, [`StorageError::Changed`] if it is at another version; any other
    /// failure of storage.
    pub async fn delete(
        &self,
        scope: &impl WriteScope,
        id: &str,
        etag: Option<&ETag>,
    ) -> Result<(), StorageError> {
        let container = self.container().await?;
        let options = self.item_write_options(etag)?;
        self.observe("delete_item")
            .run(container.delete_item(scope.partition(), id, Some(options)))
            .await
            .map(drop)
    }

    /// Runs `batch`, all of it or nothing, and returns the version of each item it wrote. A batch that conflicts with
    /// another write at this very moment is tried again.
    ///
    /// # Errors
    /// The failure of one step, or of the batch as a whole.
    pub async fn execute<S: Clone + Debug>(
        &self,
        batch: Batch<S>,
    ) -> Result<Written<S>, BatchFailure<S>> {
        for pause in RETRY_PAUSES_MS {
            match self.execute_once(batch.clone()).await {
                Err(failure) if failure.error.is_retry_with() => {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                executed => return executed,
            }
        }
        self.execute_once(batch).await
    }

    async fn execute_once<S: Debug>(&self, batch: Batch<S>) -> Result<Written<S>, BatchFailure<S>> {
        let container = self.container().await?;
        let mut options = BatchOptions::default();
        options.operation = self.write_options()?;
        let mut observation = self.observe("execute_batch");
        let execute =
            observation.run(container.execute_transactional_batch(batch.sdk, Some(options)));
        let executed = execute.await?;
        let results = executed.into_model();
        let results = results.map_err(StorageError::from)?;
        let mut written = Vec::with_capacity(batch.steps.len());
        for (step, result) in batch.steps.into_iter().zip(results.results()) {
            // Steps that are not to blame answer 424; the one that is says why.
            if !result.is_success() && result.status_code() != 424 {
                let error = StorageError::in_batch(
                    result.status_code(),
                    result.substatus_code(),
                    result.retry_after(),
                );
                return Err(BatchFailure {
                    step: Some(step),
                    error,
                });
            }
            written.push((step, result.etag().map(|etag| ETag(etag.to_owned()))));
        }
        Ok(Written(written))
    }

    /// Returns the first `limit` items of `query` in the scope's partition.
    ///
    /// # Errors
    /// A failure of storage.
    pub async fn query<T: DeserializeOwned + Send + 'static>(
        &self,
        scope: &impl Scope,
        query: Query<T>,
        limit: u32,
    ) -> Result<Vec<T>, StorageError> {
        let partition = FeedScope::partition(scope.partition());
        self.query_in(partition, query, limit).await
    }

    /// Returns the first `limit` items of `query` in all partitions, for items whose partition key is not known.
    ///
    /// # Errors
    /// A failure of storage.
    pub async fn query_across_partitions<T: DeserializeOwned + Send + 'static>(
        &self,
        query: Query<T>,
        limit: u32,
    ) -> Result<Vec<T>, StorageError> {
        self.query_in(FeedScope::full_container(), query, limit)
            .await
    }

    async fn query_in<T: DeserializeOwned + Send + 'static>(
        &self,
        scope: FeedScope,
        query: Query<T>,
        limit: u32,
    ) -> Result<Vec<T>, StorageError> {
        let container = self.container().await?;
        let page =
            NonZero::new(limit).map_or(MaxItemCountHint::ServerDecides, MaxItemCountHint::Limit);
        let mut options = QueryOptions::default().with_max_item_count(page);
        // As many as the container has grown to. The SDK refuses more than 100.
        options.feed.max_fan_out = Some(u32::MAX);
        options.operation = self.options()?;
        let mut observation = self.observe("query_items");
        let limit = limit as usize;
        let mut items = Vec::with_capacity(limit);
        let plan =
            observation.run(container.query_items::<T>(query.into_sdk(), scope, Some(options)));
        let mut pages = plan.await?.into_pages();
        while items.len() < limit {
            let next = async { pages.next().await.transpose() };
            let Some(page) = observation.run(next).await? else {
                break;
            };
            items.extend(page.into_items());
        }
        items.truncate(limit);
        Ok(items)
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
