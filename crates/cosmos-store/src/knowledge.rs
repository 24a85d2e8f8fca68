//! What is known of storage, and since when.

use super::error::StorageError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// When storage was last heard of, and what the last look at it found.
pub(super) struct Knowledge {
    since: Instant,
    /// Milliseconds after `since`.
    renewed: AtomicU64,
    pub(super) last_look: Mutex<Option<(Instant, Result<(), StorageError>)>>,
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

    pub(super) fn age(&self) -> Duration {
        let renewed = Duration::from_millis(self.renewed.load(Relaxed));
        self.since.elapsed().saturating_sub(renewed)
    }
}
