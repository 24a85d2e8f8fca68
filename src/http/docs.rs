//! `/api/docs`: what the `type` of a problem leads to.

use super::problem::Problem;
use super::problem_type::{self as kinds, ALL, ProblemType};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::response::{Html, IntoResponse, Response};

const POLICY: (HeaderName, HeaderValue) = (
    HeaderName::from_static("content-security-policy"),
    HeaderValue::from_static("default-src 'none'"),
);

/// What a kind of problem means and what to do about it.
pub async fn problem(code: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let code = code.map_or_else(|_not_utf8| String::new(), |Path(code)| code);
    let kind = ALL.iter().find(|kind| kind.code == code);
    let kind =
        kind.ok_or_else(|| Problem::new(&kinds::NOT_FOUND, "there is no problem of this code"))?;
    Ok(([POLICY], Html(page(kind))).into_response())
}

/// Every text is written in this code.
fn page(kind: &ProblemType) -> String {
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
