//! Finishing moves that were left half done: see [`crate::projects::moves`].

use super::finish::settle;
use super::intents::forget;
use super::protocol::{Seen, Step, next};
use crate::error::ServiceError;
use crate::projects::StoredProject;
use crate::projects::moves::{INTENTS, Intent};
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use custom_handler::telemetry::Causes;
use futures::StreamExt;
use rest::timestamp::Timestamp;
use std::num::NonZeroU32;
use std::time::Duration;

const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// One move that hangs must not keep the others from being finished.
const PATIENCE: Duration = Duration::from_secs(5);
/// Moves of one tenant that hang must not keep those of others from being finished.
const SIDE_BY_SIDE: usize = 32;

/// What a run has done.
#[derive(Debug, Default)]
pub struct Reconciled {
    pub finished: usize,
    /// Left for the next run.
    pub failed: usize,
}

/// Finishes moves that began before `before`, oldest first.
pub async fn reconcile(items: &Items, before: Timestamp) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::default();
    let mut after = None;
    loop {
        let page = page(items, before, after).await?;
        let Some(newest) = page.last() else {
            return Ok(done);
        };
        after = Some(newest.started_at());
        let finishing = page.into_iter().map(|intent| async move {
            tokio::time::timeout(PATIENCE, finish(items, &intent)).await
        });
        let mut finishing = futures::stream::iter(finishing).buffer_unordered(SIDE_BY_SIDE);
        while let Some(finished) = finishing.next().await {
            match finished {
                Ok(Ok(())) => done.finished += 1,
                Ok(Err(error)) => {
                    tracing::warn!(error = %Causes(&error), "move not finished");
                    done.failed += 1;
                }
                Err(_elapsed) => done.failed += 1,
            }
        }
    }
}

async fn page(
    items: &Items,
    before: Timestamp,
    after: Option<Timestamp>,
) -> Result<Vec<Intent>, ServiceError> {
    let mut query = Query::<Intent>::new()?.and(&["c.startedAt < @before"], "before", before)?;
    if let Some(after) = after {
        query = query.and(&["c.startedAt > @after"], "after", after)?;
    }
    Ok(items
        .query(&INTENTS, query.order_by(&["c.startedAt ASC"]), PAGE)
        .await?)
}

async fn finish(items: &Items, intent: &Intent) -> Result<(), ServiceError> {
    let scope = intent.scope();
    let id = intent.project_id.to_string();
    let project = items.read::<StoredProject>(&scope, &id).await?;
    let of_this_move = |project: &Versioned<StoredProject>| {
        let mark = project.item.state.mark();
        mark.is_some_and(|mark| mark.move_id == intent.move_id())
    };
    let project = project.filter(of_this_move);
    let marked = project.is_some();
    match (next(0, Seen::Intent { marked }), project) {
        (Step::Arrive, Some(project)) => settle(items, intent.from, project).await.map(drop),
        _ => Ok(forget(items, intent).await?),
    }
}
