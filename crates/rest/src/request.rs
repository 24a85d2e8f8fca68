//! What every request and every answer goes through.

use super::context::Context;
use super::edge::Edge;
use super::problem::Problem;
use super::request_log::{RequestLine, is_probe};
use super::{body, host};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cosmos_store::usage::Usage;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// What pages of other sites may read. Which sites those are is the platform's setting (CORS), which has none
/// for this.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Retry-After, Allow, WWW-Authenticate, Accept-Patch, x-ms-request-charge, x-degraded",
);

const REQUEST_CHARGE: HeaderName = HeaderName::from_static("x-ms-request-charge");
const DEGRADED: HeaderName = HeaderName::from_static("x-degraded");

/// Runs a request within its deadline and finishes its answer: problem details, headers, what is logged.
pub async fn answer(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = Context::new(&edge, request.headers(), started);
    let line = RequestLine::of(&request, started, context.clone());
    request.extensions_mut().insert(context.clone());

    let run = run(&edge, request, next, context.deadline);
    let mut response = run.instrument(line.span.clone()).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        let allow = response.headers_mut().remove(ALLOW);
        response = problem.render(&context.invocation);
        response
            .headers_mut()
            .extend(allow.map(|methods| (ALLOW, methods)));
    }
    let conceals = problem.as_ref().is_some_and(Problem::conceals);
    finish_headers(response.headers_mut(), &context.usage, conceals);
    line.write(&response, problem.as_ref());
    response
}

async fn run(edge: &Edge, request: Request, next: Next, deadline: Instant) -> Response {
    if let Err(refused) = host::check(edge, &request) {
        return refused.into_response();
    }
    match body::received(request, deadline).await {
        Ok(request) => {
            let run = admit(edge, next, request);
            let ran = tokio::time::timeout_at(deadline.into(), run).await;
            ran.unwrap_or_else(|_elapsed| Problem::deadline_exceeded().into_response())
        }
        Err(refused) => refused.into_response(),
    }
}

/// Probes are always let in: they tell whether the process runs, and how it is.
async fn admit(edge: &Edge, next: Next, request: Request) -> Response {
    if is_probe(request.uri().path()) {
        return handle(next, request).await;
    }
    match edge.admission.enter().await {
        Ok(_place) => handle(next, request).await,
        Err(overloaded) => Problem::from(overloaded).into_response(),
    }
}

/// A panic ends its request alone.
async fn handle(next: Next, request: Request) -> Response {
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    handled.unwrap_or_else(|_panic| Problem::panicked().into_response())
}

fn finish_headers(headers: &mut HeaderMap, usage: &Usage, conceals: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    let charge = usage.request_charge_text().filter(|_| !conceals);
    if let Some(Ok(charge)) = charge.map(HeaderValue::try_from) {
        headers.insert(REQUEST_CHARGE, charge);
    }
    if usage.is_degraded() {
        headers.insert(DEGRADED, HeaderValue::from_static("storage-not-configured"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Callers;
    use crate::edge::Shared;
    use crate::openapi::Contract;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use cosmos_store::container::SharedContainer;
    use cosmos_store::settings::StorageSettings;
    use std::time::Duration;
    use tower::ServiceExt;

    async fn defect() {
        panic!("a defect");
    }

    #[tokio::test]
    async fn a_panic_ends_its_request_alone() {
        static CONTRACT: Contract = Contract::new("", "", Vec::new);
        let edge = Edge::new(Shared {
            container: SharedContainer::new(StorageSettings::NotConfigured),
            callers: Callers::new(None),
            admission: <_>::default(),
            request_timeout: Duration::from_secs(30),
            problems: Vec::new(),
            contract: &CONTRACT,
        });
        let app = Router::new()
            .route("/", get(defect))
            .layer(from_fn_with_state(edge, super::answer));
        for _ in 0..2 {
            let request = Request::get("/").header("host", "localhost");
            let request = request.body(Body::empty()).unwrap();
            let answered = app.clone().oneshot(request).await.unwrap();
            assert_eq!(answered.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = to_bytes(answered.into_body(), usize::MAX).await.unwrap();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains(r#""code":"internal""#), "{body}");
            assert!(!body.contains("defect"), "{body}");
        }
    }
}
