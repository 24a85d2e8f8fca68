//! A timer that finishes what was left half done of memberships, workspaces and users.

use super::reconciliation as members;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::reconciliation::Reconciled;
use crate::users::earlier as users;
use crate::workspaces::reconciliation as workspaces;
use axum::Json;
use cosmos_store::items::Items;
use custom_handler::envelope::{Invocation, NotTheHost, Outcome};
use rest::context::Context;
use rest::problem::Problem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub async fn run(
    host: Result<Invocation, NotTheHost>,
    context: Context,
) -> Result<Json<Outcome>, Problem> {
    host?;
    let Reconciled {
        finished, failed, ..
    } = reconcile(&context.items()).await?;
    Ok(Outcome::logged(format!(
        "{finished} memberships, workspaces and users finished, {failed} not"
    )))
}

/// When this process last saw that no workspace is of an earlier layout.
static MOVED_ALL: Mutex<Option<Instant>> = Mutex::new(None);
/// New ones come only from the release before, which may still run beside this one for a while.
const LOOKS_AGAIN: Duration = Duration::from_hours(24);

async fn reconcile(items: &Items) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::new(items);
    finish_members(&mut done, items).await?;
    let tried_again = done.failed;
    done.all(
        |failed| workspaces::deleted(items, failed),
        WorkspaceId::to_string,
        |id| workspaces::finish(items, id),
    )
    .await?;
    done.all(
        |failed| users::some(items, failed),
        |user| user.as_str().to_owned(),
        async |user| users::move_own(items, &user).await.map(drop),
    )
    .await?;
    // Late, as it looks at every workspace.
    let last = *moved_all();
    if last.is_none_or(|last| last.elapsed() > LOOKS_AGAIN) {
        let ended = done.all(
            |failed| workspaces::of_earlier_layout(items, failed),
            WorkspaceId::to_string,
            |id| workspaces::finish(items, id),
        );
        if ended.await? {
            *moved_all() = Some(Instant::now());
        }
    }
    // Workspaces that were moved have new members, and many members of one workspace may have been in one another's way.
    if done.finished + done.failed > 0 {
        done.failed -= tried_again;
        finish_members(&mut done, items).await?;
    }
    Ok(done)
}

fn moved_all() -> MutexGuard<'static, Option<Instant>> {
    MOVED_ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn finish_members(done: &mut Reconciled, items: &Items) -> Result<bool, ServiceError> {
    done.all(
        |failed| members::unsettled(items, failed),
        members::Unsettled::key,
        |member| members::finish(items, member),
    )
    .await
}
