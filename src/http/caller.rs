//! Who calls, as `AUTH_MODE` says it is known.

mod dev;
mod easy_auth;
mod jwt;
mod signing_keys;

use super::problem::Problem;
use super::problem_type::{INSUFFICIENT_PERMISSION, ISSUER_UNAVAILABLE, UNAUTHENTICATED};
use crate::app::AppState;
use crate::domain::caller::Caller;
use crate::settings::{AuthMode, JwtSettings, Permissions};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{AsHeaderName, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use jwt::AccessTokens;
use std::sync::Arc;
use std::time::Duration;

/// Recognises callers. Clones are cheap.
#[derive(Debug, Clone)]
pub struct Callers(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Nobody,
    Dev,
    EasyAuth(Permissions),
    Jwt(Box<AccessTokens>),
}

/// Why nobody is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// The request has no credentials.
    Missing(&'static str),
    /// It has some, and they are not good: an RFC 6750 `error_description`.
    Invalid(&'static str),
    /// They are good, and the caller was not given what this app asks for.
    Insufficient(&'static str),
    /// The issuer's keys cannot be had now, so a good token cannot be told from a bad one.
    IssuerUnavailable { retry_after: Duration },
}

impl Callers {
    #[must_use]
    pub fn new(mode: Option<AuthMode>) -> Self {
        Self(Arc::new(match mode {
            None => Kind::Nobody,
            Some(AuthMode::Dev) => Kind::Dev,
            Some(AuthMode::EasyAuth(permissions)) => Kind::EasyAuth(permissions),
            Some(AuthMode::Jwt(settings)) => Kind::Jwt(Box::new(AccessTokens::new(settings))),
        }))
    }

    /// Whether a caller is who a header says, unchecked.
    pub(super) fn are_taken_at_their_word(&self) -> bool {
        matches!(&*self.0, Kind::Dev)
    }

    /// Whether callers can be recognised now: `Err` says why not.
    pub(super) async fn check(&self) -> Result<(), String> {
        match &*self.0 {
            Kind::Jwt(tokens) => tokens.check().await,
            Kind::Nobody | Kind::Dev | Kind::EasyAuth(_) => Ok(()),
        }
    }

    async fn recognise(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        match &*self.0 {
            Kind::Nobody => Err(Refused::Missing("no AUTH_MODE that works is set")),
            Kind::Dev => dev::caller(headers),
            Kind::EasyAuth(permissions) => easy_auth::caller(headers, permissions),
            Kind::Jwt(tokens) => tokens.caller(headers).await,
        }
    }
}

/// Reads the issuer's discovery document and keys. Returns how many keys there are.
pub async fn ask_issuer(settings: &JwtSettings) -> anyhow::Result<usize> {
    Ok(signing_keys::fetch_in_time(settings).await?.len())
}

/// Checks what a caller was given: scopes with spaces between them, and roles.
fn check_permissions(
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
fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&HeaderValue>, Refused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Refused::Invalid(
            "the header that names the caller is there twice",
        )),
    }
}

/// The caller of a protected route; 401 without one.
impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let recognised = state.callers.recognise(&parts.headers).await;
        recognised.map_err(Problem::from)
    }
}

/// The caller of an open route, when there is one. Bad credentials are still refused.
impl OptionalFromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, Problem> {
        match state.callers.recognise(&parts.headers).await {
            Ok(caller) => Ok(Some(caller)),
            Err(Refused::Missing(_)) => Ok(None),
            Err(refused) => Err(refused.into()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use axum::http::Request;

    async fn optional(header: Option<&str>) -> Result<Option<Caller>, Problem> {
        let settings = Settings::read(|name| (name == "AUTH_MODE").then(|| "dev".to_owned()));
        let state = AppState::new(settings);
        let mut request = Request::builder();
        if let Some(value) = header {
            request = request.header("x-dev-user", value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        <Option<Caller> as FromRequestParts<AppState>>::from_request_parts(&mut parts, &state).await
    }

    #[tokio::test]
    async fn an_open_route_may_have_a_caller_but_no_bad_one() {
        assert_eq!(optional(None).await.unwrap(), None);
        let ada = optional(Some("ada")).await.unwrap().unwrap();
        assert_eq!(ada.id.as_str(), "ada");
        assert_eq!(
            optional(Some("\u{e4}")).await.unwrap_err().code(),
            "unauthenticated"
        );
    }
}
