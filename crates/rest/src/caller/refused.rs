//! Why nobody is recognised.

use crate::auth_settings::Permissions;
use crate::problem::Problem;
use crate::problem_type::{INSUFFICIENT_PERMISSION, ISSUER_UNAVAILABLE, UNAUTHENTICATED};
use axum::http::header::{AsHeaderName, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// Why nobody is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The request has no credentials.
    Missing(&'static str),
    /// It has some, and they are not good: an RFC 6750 `error_description`.
    Invalid(&'static str),
    /// They are good, and the caller was not given what this app asks for.
    Insufficient(&'static str),
    /// The issuer's keys cannot be had now, so a good token cannot be told from a bad one.
    IssuerUnavailable { retry_after: Duration },
}

/// Checks what a caller was given: scopes with spaces between them, and roles.
pub(super) fn check_permissions(
    needed: &Permissions,
    scopes: &str,
    roles: &[impl AsRef<str>],
) -> Result<(), Refused> {
    let anything = needed.scope.is_none() && needed.roles.is_empty();
    let has = |scope: &String| scopes.split_whitespace().any(|given| given == scope);
    let has_role = |role: &String| roles.iter().any(|given| given.as_ref() == role);
    if anything || needed.scope.as_ref().is_some_and(has) || needed.roles.iter().any(has_role) {
        return Ok(());
    }
    Err(Refused::Insufficient(
        "the caller has neither the scope nor one of the roles that this app asks for",
    ))
}

/// The header's value; refused when there are several, of which nobody knows who is meant.
pub(super) fn single(
    headers: &HeaderMap,
    name: impl AsHeaderName,
) -> Result<Option<&HeaderValue>, Refused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Refused::Invalid(
            "the header that names the caller is there twice",
        )),
    }
}

/// RFC 9110 wants a challenge with every 401; RFC 6750 says what is in it.
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (detail, challenge) = match refused {
            Refused::Missing(detail) => (detail, "Bearer".to_owned()),
            Refused::Invalid(detail) => (
                detail,
                format!(r#"Bearer error="invalid_token", error_description="{detail}""#),
            ),
            Refused::Insufficient(detail) => {
                let challenge = HeaderValue::from_static(r#"Bearer error="insufficient_scope""#);
                let problem = Self::new(&INSUFFICIENT_PERMISSION, detail);
                return problem.with_header(WWW_AUTHENTICATE, challenge);
            }
            Refused::IssuerUnavailable { retry_after } => {
                let detail = "the signing keys of AUTH_ISSUER cannot be had";
                return Self::new(&ISSUER_UNAVAILABLE, detail).retry_after(retry_after);
            }
        };
        let problem = Self::new(&UNAUTHENTICATED, detail);
        match HeaderValue::try_from(challenge) {
            Ok(challenge) => problem.with_header(WWW_AUTHENTICATE, challenge),
            Err(_not_ascii) => problem,
        }
    }
}
