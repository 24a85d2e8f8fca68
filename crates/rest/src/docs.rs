//! `/api/docs`: the contract as an interactive page, and what the `type` of a problem leads to.

#![expect(
    clippy::unused_async,
    reason = "axum takes async functions as handlers"
)]

use super::edge::Edge;
use super::encoding::{self, TakesGzip, compressed};
use super::etag::read_file;
use super::precondition::Precondition;
use super::problem::Problem;
use super::problem_type::{self as kinds, ProblemType};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderName;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use std::panic::resume_unwind;
use tokio::task::spawn_blocking;

/// Everything the page needs comes from this process.
const OWN_ALONE: (HeaderName, &str) = (
    CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const NOTHING: (HeaderName, &str) = (CONTENT_SECURITY_POLICY, "default-src 'none'");

/// Who tries operations out where callers are taken at their word.
const DEV_USER: &str = "ada";

/// A file of Swagger UI, compressed by the build script.
macro_rules! swagger_ui {
    ($name:literal, $content_type:literal) => {
        (
            $name,
            $content_type,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        )
    };
}

/// What the page is made of: the files of Swagger UI it uses, and its own.
const ASSETS: [(&str, &str, &[u8]); 3] = [
    swagger_ui!("swagger-ui-bundle.js", "text/javascript"),
    swagger_ui!("swagger-ui.css", "text/css"),
    swagger_ui!("favicon-32x32.png", "image/png"),
];
const OWN_ASSETS: [(&str, &str, &str); 2] = [
    ("page.js", "text/javascript", include_str!("docs/page.js")),
    ("page.css", "text/css", include_str!("docs/page.css")),
];

/// `GET /api/openapi.json`
///
/// # Errors
/// 412 if `If-Match` names another version.
pub async fn contract(
    State(edge): State<Edge>,
    condition: Precondition,
    TakesGzip(gzip): TakesGzip,
) -> Result<Response, Problem> {
    let plain = edge.contract.document().to_string().into_bytes();
    let json = (CONTENT_TYPE, "application/json");
    if gzip {
        let headers = [json, (CONTENT_ENCODING, "gzip")];
        // It takes milliseconds, for which others would wait.
        let small = spawn_blocking(move || compressed(&plain)).await;
        let small = small.unwrap_or_else(|panicked| resume_unwind(panicked.into_panic()));
        return read_file(&condition, headers, small.into());
    }
    read_file(&condition, [json], plain.into())
}

/// Swagger UI with this API's contract.
pub async fn page(State(edge): State<Edge>) -> Response {
    let user = if edge.callers.are_taken_at_their_word() {
        DEV_USER
    } else {
        ""
    };
    let page = include_str!("docs/page.html").replace("{{dev-user}}", user);
    ([OWN_ALONE], Html(page)).into_response()
}

/// A file of the page.
///
/// # Errors
/// 404 if the page has no such file; 412 if `If-Match` names another version.
pub async fn asset(
    condition: Precondition,
    TakesGzip(gzip): TakesGzip,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let name = name.map_or_else(|_not_utf8| String::new(), |Path(name)| name);
    let own = OWN_ASSETS.iter().find(|(own, ..)| *own == name);
    if let Some((_, content_type, text)) = own {
        let headers = [(CONTENT_TYPE, *content_type)];
        return read_file(&condition, headers, text.as_bytes().into());
    }
    let file = ASSETS.into_iter().find(|(vendored, ..)| *vendored == name);
    let Some((_, content_type, compressed)) = file else {
        return Err(Problem::new(&kinds::NOT_FOUND, "the page has no such file"));
    };
    let content_type = (CONTENT_TYPE, content_type);
    if gzip {
        let headers = [content_type, (CONTENT_ENCODING, "gzip")];
        return read_file(&condition, headers, compressed.into());
    }
    let plain = encoding::plain(compressed);
    read_file(&condition, [content_type], plain.into())
}

/// What a kind of problem means and what to do about it.
///
/// # Errors
/// 404 if no problem has the code.
pub async fn problem(
    State(edge): State<Edge>,
    code: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let code = code.map_or_else(|_not_utf8| String::new(), |Path(code)| code);
    let kind = edge.contract.problem(&code);
    let kind =
        kind.ok_or_else(|| Problem::new(&kinds::NOT_FOUND, "there is no problem of this code"))?;
    Ok(([NOTHING], Html(explanation(kind))).into_response())
}

/// Every text is written in this code.
fn explanation(kind: &ProblemType) -> String {
    let ProblemType {
        code,
        status,
        title,
        meaning,
        advice,
    } = kind;
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n<p><code>{code}</code>, {status}</p>\n<p>{meaning}</p>\n<p>{advice}</p>\n</html>\n"
    )
}
