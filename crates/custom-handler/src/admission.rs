//! How many requests run at the same time. More than that wait a little, and then are turned away:
//! a request that waits longer than its caller does only keeps others waiting.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Far above what the host sends to one instance (16 at a time by default on Flex Consumption).
const RUNNING: usize = 128;
const WAITING: usize = 128;
const WAIT: Duration = Duration::from_secs(1);

/// The request found no place: as many run and wait as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{RUNNING} requests run and {WAITING} wait")]
pub struct Overloaded;

/// Lets requests in. Clones share the places.
#[derive(Debug, Clone)]
pub struct Admission {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Admission {
    /// Returns the request's place, to be kept while it runs.
    ///
    /// # Errors
    /// [`Overloaded`] when there is none.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        let running = Arc::clone(&self.running);
        if let Ok(place) = Arc::clone(&running).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = self.waiting.try_acquire().map_err(|_full| Overloaded)?;
        match tokio::time::timeout(WAIT, running.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Overloaded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn the_queue_is_short_and_moves_up_when_a_request_ends() {
        let admission = Admission::default();
        let enter = || admission.enter().now_or_never();
        let mut running: Vec<_> = (0..RUNNING).map(|_| enter().unwrap().unwrap()).collect();
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(admission.enter())).collect();
        for request in &mut waiting {
            assert!(request.as_mut().now_or_never().is_none());
        }
        assert!(enter().unwrap().is_err());

        running.pop();
        assert!(waiting[0].as_mut().now_or_never().unwrap().is_ok());
        assert!(enter().is_none());
    }
}
