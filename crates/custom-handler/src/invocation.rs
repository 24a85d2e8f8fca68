//! The id by which the Functions host names an invocation.

use axum::http::HeaderMap;
use std::sync::Arc;
use uuid::Uuid;

/// Headers in which the host names the invocation: proxied requests have both, forwarded ones the first.
const HEADERS: [&str; 2] = ["x-azure-functions-invocationid", "x-ms-invocation-id"];
const MAX_LENGTH: usize = 64;

/// Returns the host's id of the invocation, which a repeat by the host has, too. A request that did not come
/// through the host gets a new id.
pub fn id(headers: &HeaderMap) -> Arc<str> {
    HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|id| !id.is_empty() && id.len() <= MAX_LENGTH)
        .map_or_else(|| Uuid::new_v4().to_string().into(), Into::into)
}
