//! `/_emulator/`: a page to look at the data and at requests as they come.

use crate::gateway::Gateway;
use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use std::sync::Arc;

/// Everything it needs comes from this process.
const OWN_ALONE: (HeaderName, &str) = (
    CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The next start may be of another version.
const NOT_KEPT: (HeaderName, &str) = (CACHE_CONTROL, "no-store");

/// The paths are whole: what is nested at `/_emulator` has no slash at its end.
pub(crate) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/_emulator", get(async || Redirect::to("/_emulator/")))
        .route(
            "/_emulator/",
            get(async || ([OWN_ALONE, NOT_KEPT], Html(include_str!("page/page.html")))),
        )
        .route(
            "/_emulator/page.js",
            get(async || file("text/javascript", include_str!("page/page.js"))),
        )
        .route(
            "/_emulator/page.css",
            get(async || file("text/css", include_str!("page/page.css"))),
        )
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, content_type), NOT_KEPT], text)
}
