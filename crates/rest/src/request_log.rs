//! The one log line of each request, and its span. They have no body, no credential, and of the caller a
//! hash.

use super::identity::UserId;
use super::problem::Problem;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method, StatusCode};
use cosmos_store::usage::Usage;
use custom_handler::telemetry::{self, Causes};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Level, Span};

/// What the line needs from the request, which is gone by then.
#[derive(Debug)]
pub(super) struct RequestLine {
    /// What the request does happens in it. Named as OpenTelemetry's conventions for HTTP servers say.
    pub(super) span: Span,
    method: Method,
    /// The template; what callers put into it is theirs.
    route: Option<MatchedPath>,
    trace_id: Option<String>,
    started: Instant,
}

impl RequestLine {
    pub(super) fn of(request: &Request, started: Instant, invocation: &str) -> Self {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let span = span(request.method(), route.as_ref(), invocation);
        let headers = request.headers();
        telemetry::continue_trace(&span, &|name| headers.get(name)?.to_str().ok());
        Self {
            trace_id: telemetry::trace_id(&span).or_else(|| trace_id(headers)),
            span,
            method: request.method().clone(),
            route,
            started,
        }
    }

    pub(super) fn write(
        &self,
        invocation: &str,
        caller: Option<&UserId>,
        usage: &Usage,
        status: StatusCode,
        problem: Option<&Problem>,
    ) {
        let status = status.as_u16();
        let method = self.method.as_str();
        let route = self.route.as_ref().map_or("", MatchedPath::as_str);
        let duration = self.started.elapsed();
        let duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3;
        let request_charge = usage.request_charge();
        let trace_id = self.trace_id.as_deref();
        let is_seen =
            tracing::event_enabled!(Level::INFO) || !self.span.is_disabled() || status >= 500;
        let caller = caller.filter(|_| is_seen).map(hashed);
        let code = problem.map(Problem::code);
        let cause = problem
            .and_then(Problem::cause)
            .map(|cause| Causes(cause).to_string());
        telemetry::request_finished(known(&self.method), route, status, duration);
        self.finish_span(status, request_charge, caller.as_deref(), code);
        if status >= 500 {
            tracing::error!(
                method,
                route,
                status,
                duration_ms,
                request_charge,
                invocation,
                trace_id,
                caller,
                code,
                cause,
                "request"
            );
        } else {
            tracing::info!(
                method,
                route,
                status,
                duration_ms,
                request_charge,
                invocation,
                trace_id,
                caller,
                code,
                cause,
                "request"
            );
        }
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

/// Who called, once that is known.
pub(super) type KnownCaller = OnceLock<UserId>;

/// Tells callers apart without saying who they are: the first 64 bits of a SHA-256.
fn hashed(caller: &UserId) -> String {
    let hash = Sha256::digest(caller.as_str());
    let first = hash.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(first))
}

/// The trace this request is a part of (W3C Trace Context, `traceparent`).
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let parent = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = parent.split('-');
    let (version, trace_id) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let is_valid = version.len() == 2
        && version != "ff"
        && trace_id.len() == 32
        && is_hex(trace_id)
        && trace_id.bytes().any(|byte| byte != b'0');
    is_valid.then(|| trace_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_known_by_a_valid_traceparent() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            trace_id(&headers)
        };
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(
            read(&format!("00-{id}-b7ad6b7169203331-01")).as_deref(),
            Some(id)
        );
        for invalid in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(invalid), None, "{invalid}");
        }
    }
}
