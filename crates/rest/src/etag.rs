//! Entity tags and the conditions on them, in HTTP (RFC 9110, sections 8.8.3 and 13).

use super::openapi::{Describe, Operation};
use super::precondition::Precondition;
use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, ETAG, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, IntoResponseParts, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cosmos_store::etag::ETag;
use headers::Header;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::iter::once;

/// Kept by the caller alone, and not used again without asking.
const CACHE_RULE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The answer to a read of a file of this binary, whose entity tag is a hash of it.
pub(super) fn read_file(
    condition: &Precondition,
    headers: impl IntoResponseParts,
    content: Cow<'static, [u8]>,
) -> Result<Response, Problem> {
    let hash = Sha256::digest(&content);
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&hash[..12]));
    let version = ETag::from(tag.clone());
    condition.check_match(&version)?;
    let vary = [(VARY, HeaderValue::from_static("accept-encoding"))];
    let validators = ([(ETAG, tag)], [(CACHE_CONTROL, CACHE_RULE)], vary);
    if condition.has(&version) {
        return Ok((validators, not_modified()).into_response());
    }
    Ok((headers, validators, content).into_response())
}

/// A 304 to `HEAD` must not say that the resource has no bytes, so the length of this body is not known.
pub(super) fn not_modified() -> Response {
    let unknown = Body::from_stream(futures::stream::empty::<Result<Vec<u8>, axum::Error>>());
    (StatusCode::NOT_MODIFIED, unknown).into_response()
}

pub(super) fn with_etag(mut response: Response, etag: &ETag) -> Response {
    if let Some(etag) = header(etag) {
        response.headers_mut().insert(ETAG, etag);
        response.headers_mut().insert(CACHE_CONTROL, CACHE_RULE);
    }
    response
}

/// None for a version that is not known: the answer to a repeat is as it was, whatever the resource is now.
pub(super) fn header(etag: &ETag) -> Option<HeaderValue> {
    let known = Some(etag.as_str()).filter(|etag| !etag.is_empty());
    HeaderValue::try_from(known?).ok()
}

impl<S: Sync> FromRequestParts<S> for Precondition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self {
            if_match: condition(&parts.headers)?,
            if_none_match: condition(&parts.headers)?,
        })
    }
}

impl Describe for Precondition {
    fn describe(operation: &mut Operation<'_>) {
        operation.conditions();
    }
}

/// A header that is `*` or a list of entity tags; `None` when nothing is in it. Empty elements do not count
/// (RFC 9110, section 5.6.1). What is no entity tag is refused here, as `headers` would ignore it.
fn condition<H: Header>(headers: &HeaderMap) -> Result<Option<H>, Problem> {
    let name = H::name();
    let malformed = || {
        let detail = format!("`{name}` must be `*` or a list of quoted entity tags");
        Problem::new(&MALFORMED_REQUEST, detail)
    };
    let values = headers.get_all(name).iter();
    let values: Result<Vec<_>, _> = values.map(HeaderValue::to_str).collect();
    let list = values.map_err(|_| malformed())?.join(",");
    let mut quoted = false;
    let elements = list.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    let elements: Vec<_> = elements
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .collect();
    if elements.is_empty() {
        return Ok(None);
    }
    if elements != ["*"] && !elements.iter().all(|one| is_entity_tag(one)) {
        return Err(malformed());
    }
    let value = HeaderValue::try_from(elements.join(", ")).map_err(|_| malformed())?;
    H::decode(&mut once(&value))
        .map(Some)
        .map_err(|_| malformed())
}

fn is_entity_tag(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic()) && text.parse::<headers::ETag>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use headers::IfMatch;

    fn read(list: &str) -> Result<Option<IfMatch>, Problem> {
        let value = HeaderValue::try_from(list).unwrap();
        condition(&HeaderMap::from_iter([(IfMatch::name().clone(), value)]))
    }

    #[test]
    fn lists_of_entity_tags_are_read() {
        let passes = |list, tag: &str| {
            let condition = read(list).unwrap().unwrap();
            condition.precondition_passes(&tag.parse().unwrap())
        };
        assert!(passes("*", r#""x""#));
        assert!(passes(r#", "a,b" ,, "c","#, r#""a,b""#));
        assert!(passes(r#""a,b", "c""#, r#""c""#));
        assert!(!passes(r#"W/"c""#, r#""c""#));
        assert!(read("").unwrap().is_none());
        assert!(read(" , ,").unwrap().is_none());
        for malformed in ["a", r#""a"#, r#""a" "b""#, r#"*, "a""#, "W/*", r#""a b""#] {
            assert!(read(malformed).is_err(), "{malformed}");
        }
    }
}
