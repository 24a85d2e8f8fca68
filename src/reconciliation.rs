//! Finishing what others left half done, for many tenants side by side.

use crate::error::ServiceError;
use custom_handler::telemetry::Causes;
use futures::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// One that hangs must not keep the others from being finished.
const PATIENCE: Duration = Duration::from_secs(5);
/// Those of one tenant that hang must not keep those of others from being finished.
const SIDE_BY_SIDE: usize = 32;

/// What a run has done.
#[derive(Debug, Default)]
pub(crate) struct Reconciled {
    pub(crate) finished: usize,
    /// Left for the next run.
    pub(crate) failed: usize,
}

impl Reconciled {
    /// Carries out every task of `tasks`, and counts.
    pub(crate) async fn run(&mut self, tasks: Vec<impl Future<Output = Result<(), ServiceError>>>) {
        let tasks = tasks.into_iter();
        let tasks: Vec<_> = tasks.map(|task| timeout(PATIENCE, task)).collect();
        let mut tasks = futures::stream::iter(tasks).buffer_unordered(SIDE_BY_SIDE);
        while let Some(ended) = tasks.next().await {
            match ended {
                Ok(Ok(())) => self.finished += 1,
                Ok(Err(error)) => {
                    tracing::warn!(error = %Causes(&error), "not finished");
                    self.failed += 1;
                }
                Err(_elapsed) => self.failed += 1,
            }
        }
    }
}
