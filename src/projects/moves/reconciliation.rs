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

const PAGE: u32 = 100;

/// Finishes moves that began before `before`, oldest first.
pub(crate) async fn reconcile(
    items: &Items,
    before: Timestamp,
) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::new(items);
    done.all(
        |failed| some(items, before, failed),
        |intent| intent.from.to_string(),
        |intent| finish(items, intent),
    )
    .await?;
    Ok(done)
}

/// Up to 100 moves that began before `before`, but for those out of workspaces where others have
/// `failed`.
async fn some(
    items: &Items,
    before: Timestamp,
    failed: Vec<String>,
) -> Result<Vec<Intent>, ServiceError> {
    let query = Query::<Intent>::new()?
        .and(&["c.startedAt < @before"], "before", before)?
        .and(
            &[r#"NOT ARRAY_CONTAINS(@failed, c["from"])"#],
            "failed",
            failed,
        )?;
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
