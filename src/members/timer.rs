//! A timer that finishes what was left half done of memberships, workspaces and users.

use super::reconciliation as members;
use crate::error::ServiceError;
use crate::reconciliation::Reconciled;
use crate::users::earlier as users;
use crate::workspaces::reconciliation as workspaces;
use axum::Json;
use cosmos_store::items::Items;
use custom_handler::envelope::{Invocation, NotTheHost, Outcome};
use rest::context::Context;
use rest::problem::Problem;
use std::sync::atomic::{AtomicBool, Ordering};

pub async fn run(
    host: Result<Invocation, NotTheHost>,
    context: Context,
) -> Result<Json<Outcome>, Problem> {
    host?;
    let Reconciled { finished, failed } = reconcile(&context.items()).await?;
    Ok(Outcome::logged(format!(
        "{finished} memberships, workspaces and users finished, {failed} not"
    )))
}

/// Whether this process has seen that no workspace is of an earlier layout. There are no new ones.
static HAS_MOVED_ALL: AtomicBool = AtomicBool::new(false);

/// Looks at most so many times: the rest is for the next run.
const ROUNDS: usize = 100;

/// What is finished is not found again: it looks until there is nothing, or some of it fails.
async fn reconcile(items: &Items) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::default();
    for _round in 0..ROUNDS {
        if done.failed > 0 {
            break;
        }
        let mut found = workspaces::deleted(items).await?;
        if !HAS_MOVED_ALL.load(Ordering::Relaxed) {
            found.extend(workspaces::of_earlier_layout(items).await?);
        }
        let workspaces: Vec<_> = (found.into_iter())
            .map(|id| workspaces::finish(items, id))
            .collect();
        let found = members::unsettled(items).await?;
        let members: Vec<_> = (found.into_iter())
            .map(|member| members::finish(items, member))
            .collect();
        let found = users::some(items).await?;
        let users: Vec<_> = (found.into_iter())
            .map(|user| users::move_on(items, user))
            .collect();
        if workspaces.is_empty() && members.is_empty() && users.is_empty() {
            HAS_MOVED_ALL.store(true, Ordering::Relaxed);
            break;
        }
        done.run(workspaces).await;
        done.run(members).await;
        done.run(users).await;
    }
    Ok(done)
}
