//! What can go wrong with storage, named for what happened.

use azure_data_cosmos::CosmosError;
use azure_data_cosmos::error::CosmosStatus;
use std::sync::Arc;
use std::time::Duration;

/// What callers are told to wait when the service named no time of its own.
const RETRY_SOON: Duration = Duration::from_secs(1);

/// The SDK's own sub-status for a credential that failed (20402, client-generated 401).
const TOKEN_NOT_ACQUIRED: u16 = 20_402;
/// The sub-status of a 403 for a write to a logical partition that has its 20 GB.
const PARTITION_HAS_NO_ROOM: u16 = 1_014;
/// The SDK's own sub-status for an operation that met its end-to-end timeout (408).
const OUT_OF_TIME: u16 = 20_008;
/// The SDK's own sub-status for reads that no replica can serve in this session (503).
const SESSION_LOST: u16 = 20_310;

/// The class of error when no credential gives a token.
pub(crate) const NO_TOKEN: &str = "no credential gives a token";

/// The class of error when the account does not accept the credential. See [`StorageError::failure_class`].
pub const CREDENTIAL_REFUSED: &str = "credential refused";
/// The class of error when the credential lacks the right, or the firewall refuses this address.
pub const ACCESS_FORBIDDEN: &str = "access forbidden";
/// The class of error when the account has no such database.
pub const DATABASE_NOT_FOUND: &str = "database not found";
/// The class of error when the database has no such container.
pub const CONTAINER_NOT_FOUND: &str = "container not found";
const NO_SESSION: &str = "no replica has the session";
const RETRY_WITH: &str = "another write was in the way";

/// A storage operation that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// Settings are missing.
    #[error("storage is not configured")]
    NotConfigured,
    /// Settings are wrong.
    #[error("the storage settings cannot be used")]
    Misconfigured,
    /// The id of the new item is taken.
    #[error("an item with this id exists")]
    AlreadyExists,
    /// No item in the partition has the id.
    #[error("there is no item with this id")]
    NotFound,
    /// The item is at another version than the one that was meant.
    #[error("the item was changed by someone else")]
    Changed,
    /// More request units were asked for than are provisioned (429).
    #[error("storage throttles requests")]
    Throttled {
        /// How long to wait before the next attempt.
        retry_after: Duration,
        /// The error of the SDK.
        #[source]
        source: Option<CosmosError>,
    },
    /// The network, the gateway or the credential failed.
    #[error("storage cannot be reached: {class}")]
    Unreachable {
        /// The class of the failure, in a few words that are always the same.
        class: &'static str,
        /// How long to wait before the next attempt.
        retry_after: Duration,
        /// The error of the SDK or of the credential.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// The request's deadline passed first. A write may or may not have been applied.
    #[error("storage did not answer in time")]
    TimedOut {
        /// The error of the SDK, if the operation was sent.
        #[source]
        source: Option<CosmosError>,
    },
    /// An item has at most 2 MB.
    #[error("the item is larger than storage accepts")]
    TooLarge,
    /// Nothing can be added to the partition before something is deleted.
    #[error("the partition is full")]
    PartitionFull,
    /// An operation of a batch was not what storage takes: a mistake of this code.
    #[error("storage refused an operation of the batch with status {status}")]
    Refused {
        /// The HTTP status of the operation.
        status: u16,
    },
    /// Any other error of the SDK.
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
    pub(super) fn in_batch(
        status: u16,
        sub_status: Option<u32>,
        retry_after: Option<Duration>,
    ) -> Self {
        match status {
            404 => Self::NotFound,
            409 => Self::AlreadyExists,
            412 => Self::Changed,
            413 => Self::TooLarge,
            429 => Self::Throttled {
                retry_after: retry_after.unwrap_or(RETRY_SOON),
                source: None,
            },
            403 if sub_status.is_none_or(|sub| sub == u32::from(PARTITION_HAS_NO_ROOM)) => {
                Self::PartitionFull
            }
            403 => Self::unreachable(ACCESS_FORBIDDEN, None),
            408 | 410 => Self::unreachable("service unavailable", None),
            449 => Self::unreachable(RETRY_WITH, None),
            400..=499 => Self::Refused { status },
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

    /// Whether somebody else has written, made or deleted the item first.
    pub fn is_overtaken(&self) -> bool {
        matches!(self, Self::Changed | Self::AlreadyExists | Self::NotFound)
    }

    /// Whether the container that the client knows is gone. There may be another one by that name.
    pub(super) fn is_container_gone(&self) -> bool {
        self.failure_class() == Some(CONTAINER_NOT_FOUND)
    }

    /// Whether no replica could serve the client's session. Either replicas lag, or the sessions are those of
    /// a container that was replaced or restored.
    pub(super) fn is_session_lost(&self) -> bool {
        self.failure_class() == Some(NO_SESSION)
    }

    /// Whether the same batch, sent again, may well succeed.
    pub(super) fn is_retry_with(&self) -> bool {
        self.failure_class() == Some(RETRY_WITH)
    }

    /// The class of a failure of storage itself; `None` when storage worked and said no.
    pub fn failure_class(&self) -> Option<&'static str> {
        match self {
            Self::Throttled { .. } => Some("throttled"),
            Self::TimedOut { .. } => Some("timed out"),
            Self::Unreachable { class, .. } => Some(class),
            Self::Unexpected(_) | Self::Refused { .. } => Some("unexpected answer"),
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
        } else if sub_status(status) == Some(PARTITION_HAS_NO_ROOM) && status.is_forbidden() {
            Self::PartitionFull
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
        Some(NO_SESSION)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operation_of_a_batch_is_answered_has_its_meaning() {
        let of = |status| StorageError::in_batch(status, None, None);
        assert!(matches!(of(403), StorageError::PartitionFull));
        let full = StorageError::in_batch(403, Some(1014), None);
        assert!(matches!(full, StorageError::PartitionFull));
        let firewall = StorageError::in_batch(403, Some(5300), None);
        assert_eq!(firewall.failure_class(), Some(ACCESS_FORBIDDEN));
        for status in [408, 410] {
            assert!(of(status).outcome_is_unknown(), "{status}");
        }
        assert!(matches!(of(400), StorageError::Refused { status: 400 }));
        assert!(of(449).is_retry_with());
        assert!(!of(400).outcome_is_unknown());
        assert!(matches!(of(500), StorageError::Unreachable { .. }));
    }
}
