//! What is known of storage, and since when.

use super::error::StorageError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When storage was last heard of, and what the last look at it found.
pub(super) struct Knowledge {
    times: Mutex<Times>,
    pub(super) last_look: tokio::sync::Mutex<Option<(Instant, Result<(), StorageError>)>>,
}

struct Times {
    renewed: Instant,
    session_lost: Option<Instant>,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            times: Mutex::new(Times {
                renewed: Instant::now(),
                session_lost: None,
            }),
            last_look: <_>::default(),
        }
    }
}

impl Knowledge {
    pub(super) fn renew(&self) {
        self.times().renewed = Instant::now();
    }

    pub(super) fn session_is_lost(&self) {
        self.times().session_lost.get_or_insert_with(Instant::now);
    }

    pub(super) fn session_is_found(&self) {
        self.times().session_lost = None;
    }

    /// For how long no operation has found its session.
    pub(super) fn session_lost_for(&self) -> Duration {
        let lost = self.times().session_lost;
        lost.map_or(Duration::ZERO, |lost| lost.elapsed())
    }

    pub(super) fn age(&self) -> Duration {
        self.times().renewed.elapsed()
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
