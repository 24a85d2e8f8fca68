//! Why nobody is recognised.

use crate::problem::Problem;
use crate::problem_type::{ISSUER_UNAVAILABLE, UNAUTHENTICATED};
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
    /// The issuer's keys cannot be had now, so a good token cannot be told from a bad one.
    IssuerUnavailable { retry_after: Duration },
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
