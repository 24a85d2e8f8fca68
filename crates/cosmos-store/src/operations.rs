//! What every operation needs: the open container, and the time it may take.

use super::error::StorageError;
use super::etag::ETag;
use super::items::Items;
use azure_data_cosmos::ContainerClient;
use azure_data_cosmos::options::{
    ItemWriteOptions, OperationOptions, Precondition, ThrottlingRetryOptions,
};
use std::time::{Duration, Instant};

/// Time kept for looking up what became of a write; less when there is little.
const LOOK_UP: Duration = Duration::from_secs(2);

impl Items {
    pub(super) async fn container(&self) -> Result<ContainerClient, StorageError> {
        let opened = self.container.get().await;
        if let Err(StorageError::NotConfigured) = &opened {
            self.usage.found_no_storage();
        }
        opened
    }

    /// The SDK's own retries end with the request: the host gives up on it anyway.
    pub(super) fn options(&self) -> Result<OperationOptions, StorageError> {
        Ok(options_within(self.time_left()?))
    }

    /// A write ends a little before the request does, so that one whose answer is lost can be looked up.
    pub(super) fn write_options(&self) -> Result<OperationOptions, StorageError> {
        let left = self.time_left()?;
        Ok(options_within(
            left.saturating_sub((left / 10).min(LOOK_UP)),
        ))
    }

    /// Options of a write; with an `etag`, of one that is for that version alone.
    pub(super) fn item_write_options(
        &self,
        etag: Option<&ETag>,
    ) -> Result<ItemWriteOptions, StorageError> {
        let options = ItemWriteOptions::default().with_operation_options(self.write_options()?);
        Ok(match etag {
            Some(etag) => options.with_precondition(Precondition::if_match(etag.0.clone())),
            None => options,
        })
    }

    fn time_left(&self) -> Result<Duration, StorageError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StorageError::TimedOut { source: None });
        }
        Ok(left)
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
