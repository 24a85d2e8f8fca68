//! Whether storage works, as far as is known, and finding out when that is not enough.

use super::{OpenContainer, SharedContainer};
use crate::cosmos::error::StorageError;
use crate::domain::item::GLOBAL_PARTITION;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long the health of storage is waited for.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// What is known of storage holds for this long.
const KNOWN_FOR: Duration = Duration::from_secs(5);
const SLOW: &str = "timed out";

/// When storage was last heard of, and what the last look at it found.
pub(super) struct Knowledge {
    since: Instant,
    /// Milliseconds after `since`.
    renewed: AtomicU64,
    last_look: Mutex<Option<(Instant, Result<(), StorageError>)>>,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            renewed: AtomicU64::new(0),
            last_look: Mutex::new(None),
        }
    }
}

impl Knowledge {
    pub(super) fn renew(&self) {
        let now = self.since.elapsed().as_millis();
        self.renewed
            .store(u64::try_from(now).unwrap_or(u64::MAX), Relaxed);
    }

    fn age(&self) -> Duration {
        let renewed = Duration::from_millis(self.renewed.load(Relaxed));
        self.since.elapsed().saturating_sub(renewed)
    }
}

impl SharedContainer {
    /// Whether storage works: `Err` has the class of what does not.
    ///
    /// After a failure, and when nothing was heard from storage for a while, an item is read, so that the answer
    /// is about now, and about the right to read items too. That there is no such item is the expected answer.
    pub async fn check(&self) -> Result<(), StorageError> {
        let asked = Instant::now();
        let container = tokio::time::timeout(CHECK_TIMEOUT, self.get()).await;
        let container = container.map_err(|_elapsed| StorageError::unreachable(SLOW, None))??;
        if self.is_known_to_work() {
            return Ok(());
        }
        // However many ask, one looks; what it finds is the answer to all who waited.
        let mut last = self.0.knowledge.last_look.lock().await;
        if self.is_known_to_work() {
            return Ok(());
        }
        if let Some((looked, found)) = &*last
            && *looked >= asked
        {
            return found.clone();
        }
        let looked = Instant::now();
        let found = self.look(&container).await;
        *last = Some((looked, found.clone()));
        found
    }

    fn is_known_to_work(&self) -> bool {
        self.0.failure.borrow().is_none() && self.0.knowledge.age() < KNOWN_FOR
    }

    async fn look(&self, container: &OpenContainer) -> Result<(), StorageError> {
        let read = container.read_item(GLOBAL_PARTITION, "health", None);
        let checked = match tokio::time::timeout(CHECK_TIMEOUT, read).await {
            Ok(answer) => match answer.map(drop).map_err(StorageError::from) {
                Err(StorageError::NotFound) => Ok(()),
                checked => checked,
            },
            Err(_elapsed) => Err(StorageError::unreachable(SLOW, None)),
        };
        self.note(checked.as_ref().err());
        checked
    }

    /// Remembers how the last operation went, for [`SharedContainer::check`].
    pub(in crate::cosmos) fn note(&self, error: Option<&StorageError>) {
        if error.is_some_and(StorageError::is_stale_client) {
            self.reopen();
        }
        self.0.knowledge.renew();
        let class = error.and_then(StorageError::failure_class);
        if *self.0.failure.borrow() != class {
            self.0.failure.send_replace(class);
        }
    }
}
