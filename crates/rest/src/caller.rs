//! Who calls, as `AUTH_MODE` says it is known.

mod dev;
mod easy_auth;
mod jwt;
pub(crate) mod refused;
mod signature;
mod signing_keys;

use super::auth_settings::{AuthMode, JwtSettings, Permissions};
use super::identity::Caller;
use axum::http::HeaderMap;
use jwt::AccessTokens;
use refused::Refused;
use std::sync::Arc;

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

impl Callers {
    /// Returns what recognises callers by `mode`; without a mode, nobody is recognised.
    pub fn new(mode: Option<AuthMode>) -> Self {
        Self(Arc::new(match mode {
            None => Kind::Nobody,
            Some(AuthMode::Dev) => Kind::Dev,
            Some(AuthMode::EasyAuth(permissions)) => Kind::EasyAuth(permissions),
            Some(AuthMode::Jwt(settings)) => Kind::Jwt(Box::new(AccessTokens::new(settings))),
        }))
    }

    /// Whether a caller is who a header says, unchecked.
    pub(crate) fn are_taken_at_their_word(&self) -> bool {
        matches!(&*self.0, Kind::Dev)
    }

    /// Whether callers can be recognised now: `Err` says why not.
    pub(crate) async fn check(&self) -> Result<(), String> {
        match &*self.0 {
            Kind::Jwt(tokens) => tokens.check().await,
            Kind::Nobody | Kind::Dev | Kind::EasyAuth(_) => Ok(()),
        }
    }

    pub(crate) async fn recognise(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        match &*self.0 {
            Kind::Nobody => Err(Refused::Missing("no AUTH_MODE that works is set")),
            Kind::Dev => dev::caller(headers),
            Kind::EasyAuth(permissions) => easy_auth::caller(headers, permissions),
            Kind::Jwt(tokens) => tokens.caller(headers).await,
        }
    }
}

/// Reads the issuer's discovery document and keys. Returns how many keys there are.
///
/// # Errors
/// A failure to read the document or the keys.
pub async fn ask_issuer(settings: &JwtSettings) -> anyhow::Result<usize> {
    Ok(signing_keys::fetch_in_time(settings).await?.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[tokio::test]
    async fn a_bad_name_is_not_the_same_as_none() {
        let callers = Callers::new(Some(AuthMode::Dev));
        let recognise = async |header: Option<&[u8]>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = header {
                headers.insert("x-dev-user", HeaderValue::from_bytes(value).unwrap());
            }
            callers.recognise(&headers).await
        };
        assert!(matches!(recognise(None).await, Err(Refused::Missing(_))));
        assert_eq!(recognise(Some(b"ada")).await.unwrap().id.as_str(), "ada");
        assert!(matches!(
            recognise(Some("\u{e4}".as_bytes())).await,
            Err(Refused::Invalid(_))
        ));
    }
}
