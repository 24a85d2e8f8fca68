//! What can go wrong with storage, named for what happened.

use azure_data_cosmos::CosmosError;
use azure_data_cosmos::error::CosmosStatus;
use std::sync::Arc;
use std::time::Duration;

/// What callers are told to wait when the service named no time of its own.
const RETRY_SOON: Duration = Duration::from_secs(1);

/// The SDK's own sub-status for a credential that failed (20402, client-generated 401).
const TOKEN_NOT_ACQUIRED: u16 = 20_402;
/// The SDK's own sub-status for an operation that met its end-to-end timeout (408).
const OUT_OF_TIME: u16 = 20_008;
/// The SDK's own sub-status for reads that no replica can serve in this session (503).
const SESSION_LOST: u16 = 20_310;

/// The class of error when no credential gives a token.
pub(crate) const NO_TOKEN: &str = "no credential gives a token";

/// Classes of failures that somebody has to mend, see [`StorageError::failure_class`].
pub const CREDENTIAL_REFUSED: &str = "credential refused";
pub const ACCESS_FORBIDDEN: &str = "access forbidden";
pub const DATABASE_NOT_FOUND: &str = "database not found";
pub const CONTAINER_NOT_FOUND: &str = "container not found";
const CONTAINER_REPLACED: &str = "container replaced";

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
            // Throttled, too: the SDK repeats a write that got no answer, and the repeat may be refused.
            Self::TimedOut { .. }
                | Self::Unreachable { .. }
                | Self::Throttled { .. }
                | Self::Unexpected(_)
        )
    }

    /// Whether what the client knows of the container is not so any more: it was deleted and created
    /// again, or restored, and the client's sessions are from before.
    pub(super) fn is_stale_client(&self) -> bool {
        let class = self.failure_class();
        class == Some(CONTAINER_NOT_FOUND) || class == Some(CONTAINER_REPLACED)
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
        } else if sub_status(status) == Some(OUT_OF_TIME) {
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
    if sub_status(status) == Some(TOKEN_NOT_ACQUIRED) {
        Some(NO_TOKEN)
    } else if sub_status(status) == Some(SESSION_LOST) {
        Some(CONTAINER_REPLACED)
    } else if status.is_unauthorized() {
        Some(CREDENTIAL_REFUSED)
    } else if status.is_forbidden() {
        Some(ACCESS_FORBIDDEN)
    } else if status.is_service_unavailable()
        || status.is_retry_with()
        || status.is_gone()
        || status.is_timeout()
    {
        Some("service unavailable")
    } else if u16::from(status.status_code()) == 404 {
        // With a sub-status: the container is gone, not the item.
        Some(CONTAINER_NOT_FOUND)
    } else if u16::from(status.status_code()) >= 500 {
        Some("service failed")
    } else {
        None
    }
}

fn sub_status(status: CosmosStatus) -> Option<u16> {
    status.sub_status().map(|sub| sub.value())
}

fn retry_after(error: &CosmosError) -> Option<Duration> {
    let milliseconds = error.response()?.headers().retry_after_ms?;
    Some(Duration::from_millis(milliseconds))
}
