//! What every request and every answer goes through.

use super::body;
use super::problem::Problem;
use super::request_log::{KnownCaller, RequestLine, is_probe};
use crate::app::AppState;
use crate::cosmos::items::Items;
use crate::cosmos::usage::Usage;
use crate::domain::caller::Caller;
use crate::service::call::Call;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Headers in which the host names the invocation: proxied requests have both, forwarded ones the first.
const INVOCATION_HEADERS: [&str; 2] = ["x-azure-functions-invocationid", "x-ms-invocation-id"];
const MAX_INVOCATION_ID: usize = 64;

const REQUEST_CHARGE: HeaderName = HeaderName::from_static("x-ms-request-charge");
const DEGRADED: HeaderName = HeaderName::from_static("x-degraded");

/// What is known of a request from its start.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) usage: Arc<Usage>,
    deadline: Instant,
    /// The host's id of this invocation, which a repeat has, too; a new one when the host is not in the path.
    pub(super) invocation: Arc<str>,
    pub(super) caller: Arc<KnownCaller>,
}

impl Context {
    fn new(state: &AppState, headers: &HeaderMap, started: Instant) -> Self {
        Self {
            usage: Arc::default(),
            deadline: started + state.request_timeout,
            invocation: invocation_id(headers).into(),
            caller: Arc::default(),
        }
    }
}

impl Context {
    fn of(parts: &Parts, state: &AppState) -> Self {
        let context = parts.extensions.get::<Self>().cloned();
        context.unwrap_or_else(|| Self::new(state, &parts.headers, Instant::now()))
    }

    fn items(&self, state: &AppState) -> Items {
        let usage = Arc::clone(&self.usage);
        Items::new(state.container.clone(), usage, self.deadline)
    }
}

/// Runs a request within its deadline and finishes its answer: problem details, headers, what is logged.
pub async fn answer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = Context::new(&state, request.headers(), started);
    let line = RequestLine::of(&request, started, context.clone());
    request.extensions_mut().insert(context.clone());

    let run = run(&state, request, next, context.deadline);
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

async fn run(state: &AppState, request: Request, next: Next, deadline: Instant) -> Response {
    match body::received(request, deadline).await {
        Ok((request, _turn)) => {
            let run = admit(state, next, request);
            let ran = tokio::time::timeout_at(deadline.into(), run).await;
            ran.unwrap_or_else(|_elapsed| Problem::deadline_exceeded().into_response())
        }
        Err(refused) => refused.into_response(),
    }
}

/// Probes are always let in: they tell whether the process runs, and how it is.
async fn admit(state: &AppState, next: Next, request: Request) -> Response {
    if is_probe(request.uri().path()) {
        return handle(next, request).await;
    }
    match state.admission.enter().await {
        Ok(_place) => handle(next, request).await,
        Err(overloaded) => overloaded.into_response(),
    }
}

/// A panic ends its request alone.
async fn handle(next: Next, request: Request) -> Response {
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    handled.unwrap_or_else(|_panic| Problem::panicked().into_response())
}

fn finish_headers(headers: &mut HeaderMap, usage: &Usage, conceals: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
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

/// The id of this invocation.
pub(super) fn invocation_of(request: &Request) -> Arc<str> {
    let context = request.extensions().get::<Context>();
    context.map_or_else(
        || invocation_id(request.headers()).into(),
        |context| Arc::clone(&context.invocation),
    )
}

fn invocation_id(headers: &HeaderMap) -> String {
    INVOCATION_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|id| !id.is_empty() && id.len() <= MAX_INVOCATION_ID)
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), ToOwned::to_owned)
}

/// What a protected route needs; 401 without a caller.
impl FromRequestParts<AppState> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let context = Context::of(parts, state);
        context.caller.get_or_init(|| caller.id.clone());
        Ok(Self {
            caller,
            items: context.items(state),
            invocation: context.invocation,
            memberships: state.memberships.clone(),
            continuations: state.continuations.clone(),
        })
    }
}

impl FromRequestParts<AppState> for Items {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Context::of(parts, state).items(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    async fn defect() {
        panic!("a defect");
    }

    #[tokio::test]
    async fn a_panic_ends_its_request_alone() {
        let state = AppState::new(Settings::read(|_| None));
        let app = Router::new()
            .route("/", get(defect))
            .layer(from_fn_with_state(state, super::answer));
        let app = TowerToHyperService::new(app);
        for _ in 0..2 {
            let answered = app.call(Request::new(Body::empty())).await.unwrap();
            assert_eq!(answered.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = to_bytes(answered.into_body(), usize::MAX).await.unwrap();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains(r#""code":"internal""#), "{body}");
            assert!(!body.contains("defect"), "{body}");
        }
    }
}
