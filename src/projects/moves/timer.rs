//! A timer that finishes moves that were left half done.

use super::reconciliation::reconcile;
use crate::reconciliation::Reconciled;
use axum::Json;
use custom_handler::envelope::{Invocation, NotTheHost, Outcome};
use rest::context::Context;
use rest::problem::Problem;
use rest::timestamp::Timestamp;
use std::time::Duration;

/// A move that began before this is nobody's any more: requests end within 220 s.
const LEFT_ALONE: Duration = Duration::from_mins(5);

pub async fn run(
    host: Result<Invocation, NotTheHost>,
    context: Context,
) -> Result<Json<Outcome>, Problem> {
    host?;
    let before = Timestamp::now().earlier(LEFT_ALONE);
    let Reconciled {
        finished, failed, ..
    } = reconcile(&context.items(), before).await?;
    Ok(Outcome::logged(format!(
        "{finished} moves finished, {failed} not"
    )))
}
