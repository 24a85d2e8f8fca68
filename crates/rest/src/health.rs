//! Whether the process runs, and whether it can do its work.

#![expect(
    clippy::unused_async,
    reason = "axum takes async functions as handlers"
)]

use super::edge::Edge;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// 200 while the process runs. It never touches storage: the host asks every 25 ms at start.
pub async fn live() -> Json<Health> {
    Json(Health {
        status: "live",
        reasons: Vec::new(),
    })
}

/// 200 when requests can be carried out; else 503 with every reason why not.
pub async fn ready(State(edge): State<Edge>) -> (StatusCode, Json<Health>) {
    let mut reasons = edge.problems.clone();
    if edge.container.is_configured()
        && let Err(error) = edge.container.check().await
    {
        reasons.push(error.to_string());
    }
    if let Err(error) = edge.callers.check().await {
        reasons.push(error);
    }
    let (code, status) = if reasons.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    (code, Json(Health { status, reasons }))
}
