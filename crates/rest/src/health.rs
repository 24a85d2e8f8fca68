//! Whether the process runs, and whether it can do its work.

#![expect(
    clippy::unused_async,
    reason = "axum takes async functions as handlers"
)]

use super::edge::Edge;
use super::openapi::{Describe, Operation};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// 200, or 503 with every reason why requests cannot be carried out.
#[derive(Debug)]
struct Readiness(Vec<String>);

/// 200 while the process runs. It never touches storage: the host asks every 25 ms at start.
pub async fn live() -> impl IntoResponse + Describe {
    Json(Health {
        status: "live",
        reasons: Vec::new(),
    })
}

/// 200 when requests can be carried out; else 503 with every reason why not.
pub async fn ready(State(edge): State<Edge>) -> impl IntoResponse + Describe {
    let mut reasons = edge.problems.clone();
    if edge.container.is_configured()
        && let Err(error) = edge.container.check().await
    {
        reasons.push(error.to_string());
    }
    if let Err(error) = edge.callers.check().await {
        reasons.push(error);
    }
    Readiness(reasons)
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        let (code, status) = if self.0.is_empty() {
            (StatusCode::OK, "ready")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "degraded")
        };
        let reasons = self.0;
        (code, Json(Health { status, reasons })).into_response()
    }
}

impl Describe for Readiness {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer::<Health>(200, "It is ready.");
        operation.answer::<Health>(503, "It is degraded, with every reason.");
    }
}
