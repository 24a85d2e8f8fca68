//! `Idempotency-Key`: a `POST` that may be sent again without being done again.

use super::context::invocation_of;
use super::json;
use super::openapi::{Describe, Operation};
use super::problem::Problem;
use super::problem_type::IDEMPOTENCY_KEY_REUSED;
use super::violations::Violations;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use cosmos_store::idempotency::IdempotencyKey;
use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The body of a `POST`, and the key it came under: the caller's, else one for the invocation, which the
/// host may repeat.
#[derive(Debug)]
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// The key.
    pub key: IdempotencyKey,
}

impl<T: Deserr<Violations> + Serialize, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let route = route(&mut parts, state).await;
        let header = header(&parts.headers)?;
        let request = Request::from_parts(parts, body);
        let invocation = invocation_of(&request);
        let body: T = json::read(request).await?;
        // As it was understood: however it was written, it is the same request.
        let understood = serde_json::to_value(&body).unwrap_or_default();
        let key = match header {
            Some(key) => IdempotencyKey::new(&key, &route, &understood).map_err(wrong)?,
            None => IdempotencyKey::of_invocation(&invocation, &route, &understood),
        };
        Ok(Self { body, key })
    }
}

impl<T: JsonSchema> Describe for Keyed<T> {
    fn describe(operation: &mut Operation<'_>) {
        let meaning =
            "Makes repeats safe for 24 hours: names the request among those of the caller.";
        operation.header("Idempotency-Key", "^[!-~]{0,255}$", meaning);
        operation.body::<T>();
        operation.problems(&[&IDEMPOTENCY_KEY_REUSED]);
    }
}

/// The key, if there is one. Nobody knows which of two is meant.
fn header(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (keys.next(), keys.next()) {
        (_, Some(_)) => Err(wrong("is there twice".to_owned())),
        (Some(key), None) if key.is_empty() => Ok(None),
        (key, None) => Ok(key.map(|key| key.to_str().unwrap_or_default().to_owned())),
    }
}

/// The path with its ids as they are understood: UUIDs may be written in either case.
async fn route<S: Send + Sync>(parts: &mut Parts, state: &S) -> String {
    let template = parts.extensions.get::<MatchedPath>().cloned();
    let mut route = template.map_or_else(String::new, |path| path.as_str().to_owned());
    if let Ok(values) = RawPathParams::from_request_parts(parts, state).await {
        for (_, value) in &values {
            let id = Uuid::parse_str(value).map(|id| id.to_string());
            route = format!("{route} {}", id.as_deref().unwrap_or(value));
        }
    }
    route
}

fn wrong(detail: String) -> Problem {
    Problem::invalid_parameters(vec![("Idempotency-Key".to_owned(), detail)])
}
