//! HTTP requests in the host's envelope, which nothing here reads.

use super::envelope::{OwnPort, is_by_host};
use axum::http::{HeaderMap, Method, Uri};
use std::sync::Once;

/// Says once in the log that the host does not proxy, if it does not. Such a host sends every request of an HTTP function as `POST /<FunctionName>`,
/// and its callers get bare 500s.
pub fn notice(method: &Method, uri: &Uri, headers: &HeaderMap, port: OwnPort) {
    static SAID: Once = Once::new();
    if *method == Method::POST && names_a_function(uri.path()) && is_by_host(headers, port) {
        SAID.call_once(|| {
            tracing::error!(
                "the Functions host does not proxy HTTP requests, so each of them fails: set customHandler.enableProxyingHttpRequest in host.json, and use host 4.1041 or Core Tools 4.2, or newer"
            );
        });
    }
}

/// A path under `/api/` was proxied. A function may be called `apikeys`.
fn names_a_function(path: &str) -> bool {
    !path.starts_with("/api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_api_were_proxied() {
        assert!(names_a_function("/apikeys"));
        assert!(!names_a_function("/api/keys"));
    }
}
