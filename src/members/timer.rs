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

async fn reconcile(items: &Items) -> Result<Reconciled, ServiceError> {
    let mut done = Reconciled::default();
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
        |user| user.user_id.as_str().to_owned(),
        |user| users::move_on(items, user),
    )
    .await?;
    // Late, as it looks at every workspace.
    if !HAS_MOVED_ALL.load(Ordering::Relaxed) {
        let moved_all = done.all(
            |failed| workspaces::of_earlier_layout(items, failed),
            WorkspaceId::to_string,
            |id| workspaces::finish(items, id),
        );
        HAS_MOVED_ALL.store(moved_all.await?, Ordering::Relaxed);
    }
    // Workspaces that were moved have new members, and many members of one workspace may have been in one another's way.
    if done.finished + done.failed > 0 {
        done.failed -= tried_again;
        finish_members(&mut done, items).await?;
    }
    Ok(done)
}

async fn finish_members(done: &mut Reconciled, items: &Items) -> Result<bool, ServiceError> {
    done.all(
        |failed| members::unsettled(items, failed),
        members::Unsettled::key,
        |member| members::finish(items, member),
    )
    .await
}
