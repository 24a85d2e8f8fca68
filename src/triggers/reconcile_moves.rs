//! A timer that finishes moves that were left half done.

use super::invocation::{Invocation, Outcome};
use crate::http::problem::Problem;
use crate::service::reconciliation::{Reconciled, reconcile};
use axum::Json;
use std::time::Duration;

/// A move that began before this is nobody's any more: requests end within 220 s.
const LEFT_ALONE: Duration = Duration::from_mins(5);

pub async fn run(Invocation { items }: Invocation) -> Result<Json<Outcome>, Problem> {
    let before = jiff::Timestamp::now() - LEFT_ALONE;
    let Reconciled { finished, failed } = reconcile(&items, before.into()).await?;
    Ok(Outcome::logged(format!(
        "{finished} moves finished, {failed} not"
    )))
}
