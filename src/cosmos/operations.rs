//! Operations on items by partition key, each within the deadline and charged to the request.

use super::container::OpenContainer;
use super::error::StorageError;
use super::etag::{ETag, Versioned, etag_of};
use super::items::Items;
use super::query::Query;
use crate::domain::item::Item;
use azure_data_cosmos::PartitionKey;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::ResponseBody;
use azure_data_cosmos::options::{
    ItemReadOptions, ItemWriteOptions, MaxItemCountHint, OperationOptions, Precondition,
    QueryOptions, ThrottlingRetryOptions,
};
use futures::StreamExt;
use serde::Deserialize;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// Time kept for looking up what became of a write; less when there is little.
const LOOK_UP: Duration = Duration::from_secs(2);

impl Items {
    pub(super) async fn container(&self) -> Result<OpenContainer, StorageError> {
        let opened = self.container.get().await;
        if let Err(StorageError::NotConfigured) = &opened {
            self.usage.found_no_storage();
        }
        opened
    }

    pub(super) async fn read_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
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

    pub(super) async fn create_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default().with_operation_options(self.write_options()?);
        let id = item.id();
        let response = self
            .observe("create_item")
            .run(container.create_item(partition, &id, &item, Some(options)))
            .await?;
        Ok(Versioned {
            etag: etag_of(&response),
            item,
        })
    }

    pub(super) async fn replace_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        item: T,
        etag: &ETag,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default()
            .with_precondition(Precondition::if_match(etag.0.clone()))
            .with_operation_options(self.write_options()?);
        let id = item.id();
        let response = self
            .observe("replace_item")
            .run(container.replace_item(partition, &id, &item, Some(options)))
            .await?;
        Ok(Versioned {
            etag: etag_of(&response),
            item,
        })
    }

    pub(super) async fn query_in<T: Item>(
        &self,
        scope: FeedScope,
        query: Query<T>,
        limit: NonZeroU32,
    ) -> Result<Vec<T>, StorageError> {
        let container = self.container().await?;
        let mut options =
            QueryOptions::default().with_max_item_count(MaxItemCountHint::Limit(limit));
        options.operation = self.options()?;
        let mut observation = self.observe("query_items");
        let limit = limit.get() as usize;
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

    /// The SDK's own retries end with the request: the host gives up on it anyway.
    fn options(&self) -> Result<OperationOptions, StorageError> {
        Ok(options_within(self.time_left()?))
    }

    /// A write ends a little before the request does, so that one whose answer is lost can be looked up.
    pub(super) fn write_options(&self) -> Result<OperationOptions, StorageError> {
        let left = self.time_left()?;
        Ok(options_within(
            left.saturating_sub((left / 10).min(LOOK_UP)),
        ))
    }

    fn time_left(&self) -> Result<Duration, StorageError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StorageError::TimedOut { source: None });
        }
        Ok(left)
    }

    pub(super) async fn delete_in(
        &self,
        partition: impl Into<PartitionKey>,
        id: &str,
    ) -> Result<(), StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default().with_operation_options(self.write_options()?);
        self.observe("delete_item")
            .run(container.delete_item(partition, id, Some(options)))
            .await
            .map(drop)
    }
}

fn options_within(left: Duration) -> OperationOptions {
    let mut throttling = ThrottlingRetryOptions::default();
    throttling.max_retry_wait_time = Some(left / 2);
    let mut options = OperationOptions::default();
    options.end_to_end_latency_policy = Some(left.into());
    options.throttling_retry_options = Some(throttling);
    options
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
