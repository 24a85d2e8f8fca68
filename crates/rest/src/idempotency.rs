//! `Idempotency-Key`: a `POST` that may be sent again without being done again.

use super::fields::Body;
use super::json;
use super::problem::Problem;
use super::request::invocation_of;
use axum::extract::{FromRequest, Request};
use cosmos_store::idempotency::IdempotencyKey;
use serde_json::Value;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The body of a `POST`, and the key it came under: the caller's, else one for the invocation, which the
/// host may repeat.
#[derive(Debug)]
pub struct Keyed<T> {
    pub body: T,
    pub key: IdempotencyKey,
}

impl<T: Body, S: Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let route = request.uri().path().to_owned();
        let header = request.headers().get(IDEMPOTENCY_KEY);
        let header = header.map(|value| value.to_str().unwrap_or_default().to_owned());
        let invocation = invocation_of(&request);
        let json = json::read(request).await?;
        let key = match header {
            Some(key) => given(&key, &route, &json)?,
            None => IdempotencyKey::of_invocation(&invocation, &route, &json),
        };
        let body = T::parse(json).map_err(Problem::invalid_body)?;
        Ok(Self { body, key })
    }
}

fn given(key: &str, route: &str, json: &Value) -> Result<IdempotencyKey, Problem> {
    IdempotencyKey::new(key, route, json)
        .map_err(|wrong| Problem::invalid_parameters(vec![("Idempotency-Key".to_owned(), wrong)]))
}
