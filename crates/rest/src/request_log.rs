//! What is logged of a request, and its span: no body, no credential, and of the caller a hash.
//!
//! Most requests are only counted. A line of its own is for what deserves one.

use super::context::Context;
use super::identity::UserId;
use super::openapi::{Describe, Operation};
use super::problem::Problem;
use axum::Extension;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use custom_handler::telemetry::traffic::{self, Finished, Kind, hashed};
use custom_handler::telemetry::{self, Causes};
use std::time::{Duration, Instant};
use tracing::Span;
use tracing::field::Empty;

/// The level is a part of where the line is written, so it is known when this is built.
macro_rules! line {
    ($level:expr, $line:expr, $end:expr, $route:expr, $duration:expr, $caller:expr) => {
        tracing::event!(
            $level,
            method = $line.method.as_str(),
            route = $route,
            status = $end.status,
            duration_ms = ($duration.as_secs_f64() * 1e6).round() / 1e3,
            request_charge = $line.context.usage.request_charge(),
            invocation = &*$line.context.invocation,
            trace_id = $line.trace_id.as_deref(),
            caller = $caller.map(hashed),
            code = $end.problem.map(Problem::code),
            cause = $end
                .problem
                .and_then(Problem::cause)
                .map(|cause| Causes(cause).to_string()),
            "request"
        )
    };
}

/// Slower than this, a request has a line of its own.
const SLOW: Duration = Duration::from_secs(1);
/// The caller hung up before there was an answer, as nginx has it.
const HUNG_UP: u16 = 499;

/// What the line needs from the request, which is gone by then. Dropped before it was written, it tells of a
/// caller who hung up.
#[derive(Debug)]
pub(super) struct RequestLine {
    /// What the request does happens in it. Named as OpenTelemetry's conventions for HTTP servers say.
    pub(super) span: Span,
    method: Method,
    path: String,
    /// The template; what callers put into it is theirs.
    route: Option<MatchedPath>,
    trace_id: Option<String>,
    started: Instant,
    context: Context,
    written: bool,
}

/// How a request ended.
struct End<'a> {
    status: u16,
    problem: Option<&'a Problem>,
    changed_access: bool,
}

/// An answer by which somebody gained or lost access. It has a line in the log.
#[derive(Debug)]
pub struct AccessChanged<T>(pub T);

#[derive(Debug, Clone, Copy)]
struct Marker;

impl<T: IntoResponse> IntoResponse for AccessChanged<T> {
    fn into_response(self) -> Response {
        (Extension(Marker), self.0).into_response()
    }
}

impl<T: Describe> Describe for AccessChanged<T> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

impl RequestLine {
    pub(super) fn of(request: &Request, started: Instant, context: Context) -> Self {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let span = span(request.method(), route.as_ref(), &context.invocation);
        Self {
            trace_id: telemetry::continue_trace(&span, request.headers()),
            span,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            route,
            started,
            context,
            written: false,
        }
    }

    pub(super) fn write(mut self, response: &Response, problem: Option<&Problem>) {
        self.written = true;
        self.end(&End {
            status: response.status().as_u16(),
            problem,
            changed_access: response.extensions().get::<Marker>().is_some(),
        });
    }

    fn end(&self, end: &End<'_>) {
        let status = end.status;
        let route = self.route.as_ref().map_or("", MatchedPath::as_str);
        let duration = self.started.elapsed();
        let usage = &self.context.usage;
        let request_charge = usage.request_charge();
        let caller = self.context.caller.get().map(UserId::as_str);
        telemetry::request_finished(known(&self.method), route, status, duration);
        if !self.span.is_disabled() {
            let code = end.problem.map(Problem::code);
            self.finish_span(status, request_charge, caller.map(hashed).as_deref(), code);
        }
        // Asked for every few seconds, while all is well.
        if !is_probe(&self.path) || status >= 400 {
            traffic::count(&Finished {
                method: known(&self.method),
                route,
                status,
                duration,
                request_charge: request_charge.unwrap_or_default(),
                retries: usage.retries(),
                partition: self.first_parameter().as_deref(),
                caller,
            });
        }
        if status >= 500 && traffic::admits(Kind::Status(status)) {
            line!(tracing::Level::ERROR, self, end, route, duration, caller);
        } else if end.changed_access || deserves_a_line(status, duration) {
            line!(tracing::Level::INFO, self, end, route, duration, caller);
        } else {
            line!(tracing::Level::DEBUG, self, end, route, duration, caller);
        }
    }

    /// The value of the route's first parameter, which names the partition. Callers may write ids in any case.
    fn first_parameter(&self) -> Option<String> {
        let template = self.route.as_ref()?.as_str().split('/');
        let mut segments = template.zip(self.path.split('/'));
        segments.find_map(|(name, value)| name.starts_with('{').then(|| value.to_ascii_lowercase()))
    }

    fn finish_span(
        &self,
        status: u16,
        request_charge: Option<f64>,
        caller: Option<&str>,
        code: Option<&str>,
    ) {
        let span = &self.span;
        span.record("http.response.status_code", status);
        span.record("cosmos_functions.request_charge", request_charge);
        span.record("enduser.pseudo.id", caller);
        span.record("error.type", code);
        if status >= 500 {
            span.record("otel.status_code", "ERROR");
        }
    }
}

fn deserves_a_line(status: u16, duration: Duration) -> bool {
    match status {
        429 | HUNG_UP => traffic::admits(Kind::Status(status)),
        // It has one, or there are too many.
        500.. => false,
        _ => duration > SLOW && traffic::admits(Kind::Slow),
    }
}

impl Drop for RequestLine {
    fn drop(&mut self) {
        if !self.written {
            self.end(&End {
                status: HUNG_UP,
                problem: None,
                changed_access: false,
            });
        }
    }
}

pub(super) fn is_probe(path: &str) -> bool {
    path == "/" || path.starts_with("/api/health")
}

fn span(method: &Method, route: Option<&MatchedPath>, invocation: &str) -> Span {
    let method = known(method);
    let route = route.map(MatchedPath::as_str);
    tracing::info_span!(
        "request",
        otel.name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        error.type = Empty,
        enduser.pseudo.id = Empty,
        faas.invocation_id = invocation,
        cosmos_functions.request_charge = Empty,
    )
}

/// Methods that callers make up do not become names of their own.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
