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
    /// Milliseconds after `since` at which the session was lost; 0 while it is not.
    lost: AtomicU64,
    pub(super) last_look: Mutex<Option<(Instant, Result<(), StorageError>)>>,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            renewed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            last_look: Mutex::new(None),
        }
    }
}

impl Knowledge {
    pub(super) fn renew(&self) {
        self.renewed.store(self.now(), Relaxed);
    }

    pub(super) fn session_is_lost(&self) {
        let now = self.now().max(1);
        let _since_before = self.lost.compare_exchange(0, now, Relaxed, Relaxed);
    }

    pub(super) fn session_is_found(&self) {
        if self.lost.load(Relaxed) != 0 {
            self.lost.store(0, Relaxed);
        }
    }

    /// For how long no operation has found its session.
    pub(super) fn session_lost_for(&self) -> Duration {
        match self.lost.load(Relaxed) {
            0 => Duration::ZERO,
            lost => Duration::from_millis(self.now().saturating_sub(lost)),
        }
    }

    fn now(&self) -> u64 {
        let now = self.since.elapsed().as_millis();
        u64::try_from(now).unwrap_or(u64::MAX)
    }

    pub(super) fn age(&self) -> Duration {
        let renewed = Duration::from_millis(self.renewed.load(Relaxed));
        self.since.elapsed().saturating_sub(renewed)
    }
}
