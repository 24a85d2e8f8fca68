//! Operations on items by partition key, each within the deadline and charged to the request.

use super::container::OpenContainer;
use super::error::StorageError;
use super::etag::{ETag, Versioned, etag_of};
use super::items::Items;
use super::query::Query;
use crate::domain::item::Item;
use azure_data_cosmos::diagnostics::DiagnosticsContext;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::{BatchResponse, ItemResponse, ResponseBody};
use azure_data_cosmos::options::{
    ItemReadOptions, ItemWriteOptions, MaxItemCountHint, OperationOptions, Precondition,
    QueryOptions, ThrottlingRetryOptions,
};
use azure_data_cosmos::{CosmosError, PartitionKey};
use futures::StreamExt;
use serde::Deserialize;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time kept for looking up what became of a write.
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

    pub(super) async fn create_in<T: Item>(
        &self,
        partition: impl Into<PartitionKey>,
        item: T,
    ) -> Result<Versioned<T>, StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default().with_operation_options(self.write_options()?);
        let created = container
            .create_item(partition, &item.id(), &item, Some(options))
            .await;
        let response = self.charged(created)?;
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
        let written = container
            .replace_item(partition, &item.id(), &item, Some(options))
            .await;
        let response = self.charged(written)?;
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
        Ok(options_within(self.time_left()?))
    }

    /// A write ends a little before the request does, so that one whose answer is lost can be looked up.
    pub(super) fn write_options(&self) -> Result<OperationOptions, StorageError> {
        let left = self.time_left()?;
        Ok(options_within(left.saturating_sub((left / 4).min(LOOK_UP))))
    }

    fn time_left(&self) -> Result<Duration, StorageError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StorageError::TimedOut { source: None });
        }
        Ok(left)
    }

    pub(super) fn charged<R: Charged>(
        &self,
        result: Result<R, CosmosError>,
    ) -> Result<R, StorageError> {
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

    pub(super) async fn delete_in(
        &self,
        partition: impl Into<PartitionKey>,
        id: &str,
    ) -> Result<(), StorageError> {
        let container = self.container().await?;
        let options = ItemWriteOptions::default().with_operation_options(self.write_options()?);
        let deleted = container.delete_item(partition, id, Some(options)).await;
        self.charged(deleted).map(drop)
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

/// Answers that tell what they cost.
pub(super) trait Charged {
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
