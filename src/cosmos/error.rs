//! What can go wrong with storage, named for what happened.

use super::credential::NO_TOKEN;
use azure_data_cosmos::CosmosError;
use azure_data_cosmos::error::CosmosStatus;
use std::sync::Arc;
use std::time::Duration;

/// What callers are told to wait when the service named no time of its own.
const RETRY_SOON: Duration = Duration::from_secs(1);

/// The SDK's own sub-status for a credential that failed (20402, client-generated 401).
const TOKEN_NOT_ACQUIRED: u16 = 20_402;

/// A storage operation that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    #[error("storage is not configured")]
    NotConfigured,
    #[error("the storage settings cannot be used")]
    Misconfigured,
    #[error("an item with this id exists")]
    AlreadyExists,
    #[error("there is no item with this id")]
    NotFound,
    #[error("the item was changed by someone else")]
    Changed,
    #[error("storage throttles requests")]
    Throttled {
        retry_after: Duration,
        #[source]
        source: Option<CosmosError>,
    },
    /// The network, the gateway or the credential failed.
    #[error("storage cannot be reached: {class}")]
    Unreachable {
        class: &'static str,
        retry_after: Duration,
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// The request's deadline passed first. A write may or may not have been applied.
    #[error("storage did not answer in time")]
    TimedOut {
        #[source]
        source: Option<CosmosError>,
    },
    #[error("the item is larger than storage accepts")]
    TooLarge,
    #[error("storage gave an answer that was not expected")]
    Unexpected(#[source] CosmosError),
}

impl StorageError {
    pub(super) fn unreachable(
        class: &'static str,
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreachable {
            class,
            retry_after: RETRY_SOON,
            source: source.map(Arc::from),
        }
    }

    /// What the status of one operation in a transactional batch means.
    pub(super) fn in_batch(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            404 => Self::NotFound,
            409 => Self::AlreadyExists,
            412 => Self::Changed,
            413 => Self::TooLarge,
            429 => Self::Throttled {
                retry_after: retry_after.unwrap_or(RETRY_SOON),
                source: None,
            },
            _ => Self::unreachable("service failed", None),
        }
    }

    /// The same failure, with another time to wait.
    pub(super) fn retry_in(mut self, wait: Duration) -> Self {
        if let Self::Throttled { retry_after, .. } | Self::Unreachable { retry_after, .. } =
            &mut self
        {
            *retry_after = wait;
        }
        self
    }

    /// Whether a write that failed so may have been carried out all the same.
    #[must_use]
    pub fn outcome_is_unknown(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. } | Self::Unreachable { .. } | Self::Unexpected(_)
        )
    }

    /// The class of a failure of storage itself; `None` when storage worked and said no.
    #[must_use]
    pub fn failure_class(&self) -> Option<&'static str> {
        match self {
            Self::Throttled { .. } => Some("throttled"),
            Self::TimedOut { .. } => Some("timed out"),
            Self::Unreachable { class, .. } => Some(class),
            Self::Unexpected(_) => Some("unexpected answer"),
            _ => None,
        }
    }
}

impl From<CosmosError> for StorageError {
    fn from(error: CosmosError) -> Self {
        let status = error.status();
        let retry_after = retry_after(&error).unwrap_or(RETRY_SOON);
        if status.is_not_found() {
            Self::NotFound
        } else if status.is_conflict() {
            Self::AlreadyExists
        } else if status.is_precondition_failed() {
            Self::Changed
        } else if u16::from(status.status_code()) == 413 {
            Self::TooLarge
        } else if status.is_throttled() {
            Self::Throttled {
                retry_after,
                source: Some(error),
            }
        } else if status.is_timeout() {
            Self::TimedOut {
                source: Some(error),
            }
        } else if let Some(class) = unreachable_class(status) {
            Self::Unreachable {
                class,
                retry_after,
                source: Some(Arc::new(error)),
            }
        } else {
            Self::Unexpected(error)
        }
    }
}

/// Failures that pass by themselves or when somebody mends the account, not the request.
fn unreachable_class(status: CosmosStatus) -> Option<&'static str> {
    if status.sub_status().map(|sub| sub.value()) == Some(TOKEN_NOT_ACQUIRED) {
        Some(NO_TOKEN)
    } else if status.is_unauthorized() {
        Some("credential refused")
    } else if status.is_forbidden() {
        Some("access forbidden")
    } else if status.is_service_unavailable() || status.is_retry_with() || status.is_gone() {
        Some("service unavailable")
    } else if u16::from(status.status_code()) == 404 {
        // With a sub-status: the container or its session is gone, not the item.
        Some("container not found")
    } else if u16::from(status.status_code()) >= 500 {
        Some("service failed")
    } else {
        None
    }
}

fn retry_after(error: &CosmosError) -> Option<Duration> {
    let milliseconds = error.response()?.headers().retry_after_ms?;
    Some(Duration::from_millis(milliseconds))
}
