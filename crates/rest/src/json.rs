//! JSON request bodies.

use super::body::{self, is_large, turn};
use super::json_value::UniqueNames;
use super::problem::Problem;
use super::problem_type::{MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE};
use super::violations::{self, Violations};
use crate::openapi::{Describe, Operation};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method};
use deserr::Deserr;
use schemars::JsonSchema;
use serde_json::error::Category;
use std::panic::resume_unwind;
use tokio::task::spawn_blocking;

/// A body of type `T`, or every violation in it.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Deserr<Violations>, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        read(request).await.map(Self)
    }
}

impl<T: JsonSchema> Describe for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.body::<T>();
    }
}

/// The body of a request. As values it takes a multiple of its size, so large ones are parsed in turn.
pub(super) async fn read<T: Deserr<Violations>>(request: Request) -> Result<T, Problem> {
    let accepted = accepted(request.method());
    if request.headers().get_all(CONTENT_TYPE).iter().count() > 1 {
        let detail = "there must be one `Content-Type`";
        return Err(Problem::new(&MALFORMED_REQUEST, detail));
    }
    let is_accepted = !is_encoded(request.headers())
        && media_type(request.headers())
            .is_some_and(|found| accepted.iter().any(|one| found.eq_ignore_ascii_case(one)));
    // It was received before anything else, within its limits, and counts among what is in flight until it is parsed.
    let _share = body::share(&request);
    let bytes = to_bytes(request.into_body(), usize::MAX).await;
    let bytes = bytes.map_err(|_| Problem::new(&MALFORMED_REQUEST, "the body is incomplete"))?;
    if !is_accepted {
        return Err(unsupported(accepted));
    }
    let _turn = turn(bytes.len()).await?;
    let UniqueNames(json) = values(bytes).await.map_err(|error| malformed(&error))?;
    violations::read(json).map_err(Problem::invalid_body)
}

/// What is large is parsed on another thread: it takes milliseconds, for which the others would wait.
async fn values(bytes: Bytes) -> serde_json::Result<UniqueNames> {
    if !is_large(bytes.len()) {
        return serde_json::from_slice(&bytes);
    }
    let parsed = spawn_blocking(move || serde_json::from_slice(&bytes)).await;
    parsed.unwrap_or_else(|panicked| resume_unwind(panicked.into_panic()))
}

fn accepted(method: &Method) -> &'static [&'static str] {
    match *method {
        Method::PATCH => &["application/merge-patch+json", "application/json"],
        _ => &["application/json"],
    }
}

/// Compressed bodies are not read: a small one can become any size.
fn is_encoded(headers: &HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING);
    encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The media type without its parameters. JSON is UTF-8 whatever a `charset` says (RFC 8259).
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}

fn unsupported(accepted: &[&str]) -> Problem {
    // RFC 9110 has Accept in a 415 name what would be taken; RFC 5789 has Accept-Patch.
    let (name, value) = match accepted {
        ["application/merge-patch+json", ..] => (
            HeaderName::from_static("accept-patch"),
            "application/merge-patch+json, application/json",
        ),
        _ => (ACCEPT, "application/json"),
    };
    let detail = format!(
        "`Content-Type` must be {}, without `Content-Encoding`",
        accepted.join(" or ")
    );
    Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail).with_header(name, HeaderValue::from_static(value))
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let what = match error.classify() {
        Category::Data => "the body has a field twice",
        _ => "the body is not JSON",
    };
    let detail = format!("{what}: line {line}, column {column}");
    Problem::new(&MALFORMED_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{MAX_IN_FLIGHT, left_in_flight, received};
    use axum::body::Body;
    use std::cell::RefCell;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn a_large_body_counts_among_those_in_flight_until_it_is_parsed() {
        let size = 1024 * 1024;
        // Its turn does not come.
        let (_one, _two) = (turn(size).await.unwrap(), turn(size).await.unwrap());
        let request = Request::post("/").header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(vec![b' '; size])).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        let request = received(request, deadline).await.unwrap();
        let mut reading = Box::pin(read::<Vec<String>>(request));
        assert!(futures::poll!(&mut reading).is_pending());
        assert!(left_in_flight() <= MAX_IN_FLIGHT - size);
    }

    #[tokio::test]
    async fn a_large_body_does_not_keep_others_waiting() {
        let large = format!("[{}0]", "0,".repeat(100_000));
        let ended = RefCell::new(Vec::new());
        let of_the_large_one = async {
            values(large.into()).await.unwrap();
            ended.borrow_mut().push("large");
        };
        let of_another = async { ended.borrow_mut().push("another") };
        tokio::join!(of_the_large_one, of_another);
        assert_eq!(ended.take(), ["another", "large"]);
    }
}
