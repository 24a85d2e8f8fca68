//! `AUTH_MODE=jwt`: Microsoft Entra access tokens, versions 1 and 2, checked here.
//!
//! Claims: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>

use super::refused::{Refused, single};
use super::signing_keys::{KeyError, SigningKeys};
use crate::auth_settings::JwtSettings;
use crate::identity::{Caller, Email, UserId};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use custom_handler::telemetry::Causes;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// Clocks may differ by this many seconds.
const LEEWAY: u64 = 60;
/// A token that was verified is taken again this long without checking its signature.
const REMEMBERED: Duration = Duration::from_mins(5);
const MAX_REMEMBERED: u64 = 10_000;
/// A larger token is refused unread. Entra's stay below 10 KB, group claims included.
const MAX_TOKEN: usize = 16 * 1024;

/// Verifies access tokens.
#[derive(Debug)]
pub(super) struct AccessTokens {
    validation: Validation,
    tenant: Option<String>,
    keys: SigningKeys,
    /// By the hash of the token: the token itself is not kept.
    verified: Cache<[u8; 32], Verified>,
}

#[derive(Debug, Clone)]
struct Verified {
    caller: Caller,
    /// Seconds since 1970.
    expires: u64,
}

/// `oid` and `sub` are in both versions; names differ. All of them are in the token's signature.
#[derive(Debug, Deserialize)]
struct Claims {
    exp: u64,
    oid: Option<String>,
    sub: Option<String>,
    tid: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    upn: Option<String>,
    unique_name: Option<String>,
}

impl AccessTokens {
    pub(super) fn new(settings: JwtSettings) -> Self {
        // One algorithm: a token cannot choose `none`, or HMAC with a public key as the secret.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&settings.audiences);
        Self {
            validation,
            tenant: settings.tenant,
            keys: SigningKeys::new(settings.issuer),
            verified: Cache::builder()
                .max_capacity(MAX_REMEMBERED)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        let token = bearer_token(headers)?;
        let hash = Sha256::digest(token).into();
        if let Some(verified) = self.verified.get(&hash)
            && verified.expires.saturating_add(LEEWAY) > now()
        {
            return Ok(verified.caller);
        }
        let verified = self.verify(token).await?;
        self.verified.insert(hash, verified.clone());
        Ok(verified.caller)
    }

    async fn verify(&self, token: &str) -> Result<Verified, Refused> {
        let header =
            decode_header(token).map_err(|_| Refused::Invalid("the token is malformed"))?;
        if header.alg != Algorithm::RS256 {
            return Err(Refused::Invalid("the token must be signed with RS256"));
        }
        let key_id = header
            .kid
            .ok_or(Refused::Invalid("the token names no signing key"))?;
        let key = self.keys.find(&key_id).await.map_err(|error| match error {
            KeyError::Unknown => Refused::Invalid("the token's signing key is unknown"),
            KeyError::Unavailable { retry_after } => Refused::IssuerUnavailable { retry_after },
        })?;
        let claims = decode::<Claims>(token, &key, &self.validation)
            .map_err(|error| refused(&error))?
            .claims;
        if self.tenant.is_some() && claims.tid != self.tenant {
            return Err(Refused::Invalid("the token is from another tenant"));
        }
        let expires = claims.exp;
        let caller = caller_of(claims)?;
        Ok(Verified { caller, expires })
    }
}

fn bearer_token(headers: &HeaderMap) -> Result<&str, Refused> {
    let header = single(headers, AUTHORIZATION)?;
    let header = header.ok_or(Refused::Missing("the header Authorization is missing"))?;
    let malformed = Refused::Invalid("the header Authorization must be Bearer and a token");
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > MAX_TOKEN {
        return Err(malformed);
    }
    Ok(token.trim())
}

/// The email address is the sign-in name, whose domain the tenant has proved to own. The `email` claim is
/// what users say of themselves.
fn caller_of(claims: Claims) -> Result<Caller, Refused> {
    let id = claims.oid.or(claims.sub);
    let id = id.and_then(|id| UserId::parse(&id).ok());
    let sign_in_name = claims
        .preferred_username
        .or(claims.upn)
        .or(claims.unique_name);
    Ok(Caller {
        id: id.ok_or(Refused::Invalid("the token has no usable oid or sub"))?,
        name: claims.name,
        email: sign_in_name.and_then(|name| Email::parse(&name).ok()),
    })
}

fn refused(error: &jsonwebtoken::errors::Error) -> Refused {
    tracing::debug!(error = %Causes(error), "token refused");
    Refused::Invalid(match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidIssuer => "the token is from another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks exp, iss or aud",
        _ => "the token is not valid",
    })
}

fn now() -> u64 {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed();
    since_1970.map_or(0, |elapsed| elapsed.as_secs())
}
