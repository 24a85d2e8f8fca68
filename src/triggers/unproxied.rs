//! HTTP requests in the host's envelope, which nothing here reads.

use super::invocation::is_by_host;
use crate::app::AppState;
use crate::http::problem::{self, Problem};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use std::sync::Once;

/// 404. A host that does not proxy sends every request of an HTTP function here, as `POST /<FunctionName>`, and
/// its callers get bare 500s: the log says why, once.
pub async fn no_such_route(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Problem {
    static SAID: Once = Once::new();
    if method == Method::POST && !uri.path().starts_with("/api") && is_by_host(&headers, state.port)
    {
        SAID.call_once(|| {
            tracing::error!(
                "the Functions host does not proxy HTTP requests, so each of them fails: set customHandler.enableProxyingHttpRequest in host.json, and use host 4.1041 or Core Tools 4.2, or newer"
            );
        });
    }
    problem::no_such_route().await
}
