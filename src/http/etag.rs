//! Entity tags in HTTP: `ETag`, `If-None-Match`, `If-Match` (RFC 9110).

use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use crate::app::AppState;
use crate::cosmos::etag::{ETag, Versioned};
use crate::service::precondition::Precondition;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, IntoResponseParts, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Kept by the caller alone, and not used again without asking.
const CACHE_RULE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The version a caller has already: `If-None-Match`.
#[derive(Debug)]
pub struct IfNoneMatch(Vec<EntityTag>);

/// An entity tag, quotes included; `*` stands for any.
#[derive(Debug, PartialEq, Eq)]
struct EntityTag {
    weak: bool,
    tag: String,
}

impl IfNoneMatch {
    /// 304 when the caller has this version, else 200 with the resource.
    pub fn answer<T: Serialize>(&self, found: &Versioned<T>) -> Response {
        if self.has(found.etag.as_str()) {
            return with_etag(StatusCode::NOT_MODIFIED.into_response(), found);
        }
        tagged(found)
    }

    /// The same for a file of this binary: its entity tag is a hash of it, encoded as it is sent.
    pub fn file(&self, headers: impl IntoResponseParts, content: Cow<'static, [u8]>) -> Response {
        let hash = Sha256::digest(&content);
        let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&hash[..12]));
        let known = self.has(&tag);
        let vary = [(VARY, HeaderValue::from_static("accept-encoding"))];
        let validators = ([(ETAG, tag)], [(CACHE_CONTROL, CACHE_RULE)], vary);
        if known {
            return (StatusCode::NOT_MODIFIED, validators).into_response();
        }
        (headers, validators, content).into_response()
    }

    fn has(&self, tag: &str) -> bool {
        let is_it = |known: &EntityTag| known.tag == "*" || known.tag == tag;
        self.0.iter().any(is_it)
    }
}

/// 200 with the resource and its `ETag`.
pub(super) fn tagged<T: Serialize>(found: &Versioned<T>) -> Response {
    with_etag(Json(&found.item).into_response(), found)
}

/// 201 with the new resource, its `ETag` and where it is.
pub(super) fn created<T: Serialize>(location: &str, made: &Versioned<T>) -> Response {
    let mut response = (
        StatusCode::CREATED,
        [(LOCATION, location)],
        Json(&made.item),
    )
        .into_response();
    if let Some(etag) = header(&made.etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

fn with_etag<T>(mut response: Response, found: &Versioned<T>) -> Response {
    if let Some(etag) = header(&found.etag) {
        response.headers_mut().insert(ETAG, etag);
        response.headers_mut().insert(CACHE_CONTROL, CACHE_RULE);
    }
    response
}

/// None for a version that is not known: the answer to a repeat is as it was, whatever the resource is now.
fn header(etag: &ETag) -> Option<HeaderValue> {
    let known = Some(etag.as_str()).filter(|etag| !etag.is_empty());
    HeaderValue::try_from(known?).ok()
}

impl FromRequestParts<AppState> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Problem> {
        Ok(Self(
            tags(&parts.headers, &IF_NONE_MATCH)?.unwrap_or_default(),
        ))
    }
}

/// `If-Match` compares strongly: a weak tag matches nothing.
impl FromRequestParts<AppState> for Precondition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Problem> {
        let absent = tags(&parts.headers, &IF_NONE_MATCH)?;
        let absent = absent.is_some_and(|tags| tags.iter().any(|tag| tag.tag == "*"));
        Ok(match tags(&parts.headers, &IF_MATCH)? {
            None if absent => Self::Absent,
            None => Self::None,
            Some(tags) => Self::AnyOf(
                tags.into_iter()
                    .filter(|tag| !tag.weak)
                    .map(|tag| tag.tag)
                    .collect(),
            ),
        })
    }
}

/// The tags in a header that may be given several times; `None` when it is not given.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<EntityTag>>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let values = headers.get_all(name).iter();
    let parsed: Option<Vec<_>> = values.map(|value| parse(value.to_str().ok()?)).collect();
    let lists = parsed.ok_or_else(|| {
        let detail = format!("`{name}` must be `*` or a list of quoted entity tags");
        Problem::new(&MALFORMED_REQUEST, detail)
    })?;
    Ok(Some(lists.into_iter().flatten().collect()))
}

fn parse(list: &str) -> Option<Vec<EntityTag>> {
    let mut tags = Vec::new();
    let mut rest = list.trim();
    if rest == "*" {
        rest = "";
        tags.push(EntityTag {
            weak: false,
            tag: "*".to_owned(),
        });
    }
    while !rest.is_empty() {
        let weak = rest.starts_with("W/");
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let inner = quoted.strip_prefix('"')?;
        let end = inner.find('"')? + 2;
        if !inner[..end - 2].bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        tags.push(EntityTag {
            weak,
            tag: quoted[..end].to_owned(),
        });
        let after = quoted[end..].trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => "",
            None => return None,
        };
    }
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_entity_tags_are_read() {
        let read = |list| {
            let tags = parse(list)?;
            Some(
                tags.into_iter()
                    .map(|t| (t.weak, t.tag))
                    .collect::<Vec<_>>(),
            )
        };
        let tag = |weak, tag: &str| (weak, tag.to_owned());
        assert_eq!(read("*"), Some(vec![tag(false, "*")]));
        assert_eq!(
            read(r#""a,b" , W/"c""#),
            Some(vec![tag(false, r#""a,b""#), tag(true, r#""c""#)])
        );
        for malformed in [
            "",
            "a",
            r#""a"#,
            r#""a" "b""#,
            r#"*, "a""#,
            "W/*",
            r#""a b""#,
        ] {
            assert_eq!(read(malformed), None, "{malformed}");
        }
    }
}
