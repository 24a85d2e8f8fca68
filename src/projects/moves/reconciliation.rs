//! Finishing moves that were left half done: see [`crate::projects::moves`].

use super::finish::settle;
use super::intents::forget;
use super::protocol::{Seen, Step, next};
use crate::error::ServiceError;
use crate::projects::StoredProject;
use crate::projects::moves::{INTENTS, Intent};
use crate::reconciliation::Reconciled;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use rest::timestamp::Timestamp;
use std::num::NonZeroU32;

const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Finishes moves that began before `before`, oldest first.
pub(crate) async fn reconcile(
    items: &Items,
    before: Timestamp,
) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::default();
    let mut after = None;
    loop {
        let page = page(items, before, after).await?;
        let Some(newest) = page.last() else {
            return Ok(done);
        };
        after = Some(newest.started_at());
        let finishing = page.into_iter().map(|intent| finish(items, intent));
        done.run(finishing.collect()).await;
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

async fn finish(items: &Items, intent: Intent) -> Result<(), ServiceError> {
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
        _ => Ok(forget(items, &intent).await?),
    }
}
