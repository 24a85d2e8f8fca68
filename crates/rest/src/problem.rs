//! Problem details (RFC 9457): how every request that was not carried out is answered.

#![expect(
    clippy::unused_async,
    reason = "axum takes async functions as handlers"
)]

mod storage;

use super::continuation::BadContinuation;
use super::precondition::PreconditionFailed;
use super::problem_type::{self as kinds, ProblemType};
use super::violations::Violations;
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use custom_handler::admission::Overloaded;
use custom_handler::envelope::NotTheHost;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

const RETRY_SOON: Duration = Duration::from_secs(1);

/// Why a request was not carried out, as its caller is told.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    kind: &'static ProblemType,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    header: Option<(HeaderName, HeaderValue)>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    conceals: bool,
}

/// One value that is wrong: in the body (`pointer`, RFC 6901) or in the path or query (`parameter`).
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct FieldError {
    /// The place in the body, a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The name of the parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// What is wrong with it.
    detail: String,
}

impl Problem {
    /// A problem of this kind; `detail` says what is particular about this occurrence.
    pub fn new(kind: &'static ProblemType, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            header: None,
            cause: None,
            conceals: false,
        }))
    }

    /// The same problem, said of the value at `pointer` (RFC 6901) in the body.
    pub fn at(self, pointer: String) -> Self {
        let detail = self.0.detail.clone();
        self.with_errors([FieldError {
            pointer: Some(pointer),
            parameter: None,
            detail,
        }])
    }

    fn with_errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// 400 for values in the path or the query that are wrong.
    pub fn invalid_parameters(wrong: Vec<(String, String)>) -> Self {
        let named: Vec<_> = wrong
            .iter()
            .map(|(name, detail)| format!("`{name}` {detail}"))
            .collect();
        let errors = wrong.into_iter().map(|(name, detail)| FieldError {
            pointer: None,
            parameter: Some(name),
            detail,
        });
        Self::new(&kinds::INVALID_PARAMETER, named.join("; ")).with_errors(errors)
    }

    /// 422 for a body that is JSON, but not what is asked for.
    pub fn invalid_body(violations: Violations) -> Self {
        let errors = violations
            .into_vec()
            .into_iter()
            .map(|violation| FieldError {
                pointer: Some(violation.pointer),
                parameter: None,
                detail: violation.detail,
            });
        let detail = "`errors` names every field that is wrong";
        Self::new(&kinds::VALIDATION_FAILED, detail).with_errors(errors)
    }

    pub(crate) fn deadline_exceeded() -> Self {
        Self::new(
            &kinds::DEADLINE_EXCEEDED,
            "the deadline passed; if this was a change, it may or may not have been made: read before repeating it",
        )
    }

    /// 404 for a path that no route has.
    pub fn no_such_route() -> Self {
        Self::new(&kinds::NO_SUCH_ROUTE, "/api/openapi.json has every path")
    }

    /// The panic itself was logged where it happened.
    pub(crate) fn panicked() -> Self {
        Self::new(&kinds::INTERNAL, "the log has the cause")
    }

    /// Adds a header to the answer.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// Tells the caller to wait this long: `Retry-After`, in whole seconds.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// What went wrong inside is for the log alone.
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// The answer will not tell what it cost to find it.
    pub fn concealed(mut self) -> Self {
        self.0.conceals = true;
        self
    }

    /// Whether the answer must not tell what it cost to find it: that would tell what is there.
    pub(crate) fn conceals(&self) -> bool {
        self.0.conceals
    }

    /// The type's code.
    pub fn code(&self) -> &'static str {
        self.0.kind.code
    }

    /// What went wrong inside, for the log.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// The answer, with the invocation's id as `instance`: a URI, as RFC 9457 has it.
    pub(crate) fn render(&self, instance: &str) -> Response {
        let body = Json(ProblemBody {
            r#type: self.0.kind.uri(),
            title: self.0.kind.title,
            status: self.0.kind.status.as_u16(),
            detail: &self.0.detail,
            instance: &urn(instance),
            code: self.0.kind.code,
            errors: &self.0.errors,
        });
        let mut response = (self.0.kind.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = self.0.retry_after {
            headers.insert(RETRY_AFTER, whole_seconds(wait).into());
        }
        if let Some((name, value)) = &self.0.header {
            headers.insert(name, value.clone());
        }
        response
    }
}

/// A problem as callers see it (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct ProblemBody<'a> {
    /// A page that explains problems of this kind.
    r#type: String,
    /// What happened, the same for all problems of this kind.
    title: &'static str,
    /// The status of the answer.
    #[schemars(range(min = 100, max = 599))]
    status: u16,
    /// What is particular about this one.
    // Microsoft's generators make it the message of an exception.
    #[schemars(extend("x-ms-primary-error-message" = true))]
    detail: &'a str,
    /// Names this one; the logs have it, too.
    instance: &'a str,
    /// The kind, for programs.
    #[schemars(schema_with = "code")]
    code: &'static str,
    /// The values that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

/// New codes come with new versions, so the known ones are no closed enumeration.
fn code(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[a-z-]+$"})
}

/// The body is written by [`super::request::answer`], which knows the invocation.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.kind.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<PreconditionFailed> for Problem {
    fn from(_failed: PreconditionFailed) -> Self {
        Self::new(
            &kinds::PRECONDITION_FAILED,
            "read the resource again and repeat the change with its ETag",
        )
    }
}

impl From<BadContinuation> for Problem {
    fn from(_bad: BadContinuation) -> Self {
        Self::new(
            &kinds::INVALID_CONTINUATION,
            "`continuation` must be the one of this list's `nextLink`, with the same filters",
        )
    }
}

impl From<Overloaded> for Problem {
    fn from(overloaded: Overloaded) -> Self {
        Self::new(&kinds::OVERLOADED, overloaded.to_string()).retry_after(RETRY_SOON)
    }
}

/// For anybody but the host there is nothing at the path of a trigger.
impl From<NotTheHost> for Problem {
    fn from(_caller: NotTheHost) -> Self {
        Self::no_such_route()
    }
}

/// The host's ids are UUIDs.
fn urn(invocation: &str) -> String {
    match uuid::Uuid::parse_str(invocation) {
        Ok(id) => format!("urn:uuid:{id}"),
        Err(_other) => {
            let id: String = url::form_urlencoded::byte_serialize(invocation.as_bytes()).collect();
            format!("urn:invocation:{id}")
        }
    }
}

/// Answers a method that the route does not take.
pub async fn method_not_allowed() -> Problem {
    Problem::new(
        &kinds::METHOD_NOT_ALLOWED,
        "the `Allow` header has the methods",
    )
}

/// `Retry-After` counts whole seconds; a wait is never shortened.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis()
        .div_ceil(1_000)
        .try_into()
        .unwrap_or(u64::MAX)
}
