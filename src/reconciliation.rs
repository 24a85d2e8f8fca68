//! Finishing what others left half done, for many tenants side by side.

use crate::error::ServiceError;
use cosmos_store::items::Items;
use custom_handler::telemetry::Causes;
use futures::StreamExt;
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// One that hangs must not keep the others from being finished.
const PATIENCE: Duration = Duration::from_secs(5);
/// Those of one tenant that hang must not keep those of others from being finished.
const SIDE_BY_SIDE: usize = 32;
/// Looks at most so many times: the rest is for the next run.
const ROUNDS: usize = 100;
/// A query names at most so many to pass over.
const MOST_FAILED: usize = 1_000;

/// What a run has done.
#[derive(Debug)]
pub(crate) struct Reconciled {
    pub(crate) finished: usize,
    /// Left for the next run.
    pub(crate) failed: usize,
    until: Instant,
}

impl Reconciled {
    /// A run that ends before the deadline of the request.
    pub(crate) fn new(items: &Items) -> Self {
        Self {
            finished: 0,
            failed: 0,
            until: items.well_before_the_deadline(),
        }
    }

    /// Finishes what `find` finds until there is nothing left but what has failed. `find` is told the keys of that, so
    /// that it passes over it. Returns whether nothing is left.
    pub(crate) async fn all<T, F, G>(
        &mut self,
        find: impl Fn(Vec<String>) -> F,
        key: impl Fn(&T) -> String,
        finish: impl Fn(T) -> G,
    ) -> Result<bool, ServiceError>
    where
        F: Future<Output = Result<Vec<T>, ServiceError>>,
        G: Future<Output = Result<(), ServiceError>>,
    {
        let mut failed = Vec::new();
        for _round in 0..ROUNDS {
            let found = find(failed.clone()).await?;
            if found.is_empty() || failed.len() > MOST_FAILED {
                return Ok(failed.is_empty());
            }
            if Instant::now() > self.until {
                break;
            }
            let tasks = found.into_iter().map(|one| {
                let (key, finishing) = (key(&one), finish(one));
                async {
                    let patience = (Instant::now() + PATIENCE).min(self.until);
                    (key, timeout_at(patience.into(), finishing).await)
                }
            });
            let tasks: Vec<_> = tasks.collect();
            let mut tasks = futures::stream::iter(tasks).buffer_unordered(SIDE_BY_SIDE);
            while let Some((key, ended)) = tasks.next().await {
                let error = match ended {
                    Ok(Ok(())) => {
                        self.finished += 1;
                        continue;
                    }
                    Ok(Err(error)) => Causes(&error).to_string(),
                    Err(_elapsed) => "not in time".to_owned(),
                };
                tracing::warn!(error, "not finished");
                self.failed += 1;
                failed.push(key);
            }
        }
        Ok(false)
    }
}
