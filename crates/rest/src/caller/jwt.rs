//! `AUTH_MODE=jwt`: Microsoft Entra access tokens, versions 1 and 2, checked here.
//!
//! Claims: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>

use super::refused::{Refused, check_permissions, single};
use super::signature;
use super::signing_keys::{KeyError, SigningKey, SigningKeys};
use crate::auth_settings::{ANY_TENANT, JwtSettings};
use crate::identity::{Caller, Email, UserId};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use custom_handler::telemetry::Causes;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use moka::sync::Cache;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

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
    /// Seconds since 1970, which may have a fraction (RFC 7519).
    exp: f64,
    iss: Option<String>,
    oid: Option<String>,
    sub: Option<String>,
    tid: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    upn: Option<String>,
    unique_name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    scp: Texts,
    #[serde(default)]
    scope: Texts,
    #[serde(default)]
    roles: Texts,
}

/// One text, or several.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Texts {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Texts {
    fn given(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::One(text) => text.split_whitespace().collect(),
            Self::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

impl AccessTokens {
    pub(super) fn new(settings: JwtSettings) -> Self {
        // One algorithm: a token cannot choose `none`, or HMAC with a public key as the secret.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_audience(&settings.audiences);
        signature::install();
        Self {
            validation,
            keys: SigningKeys::new(settings),
            verified: Cache::builder()
                .max_capacity(MAX_REMEMBERED)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    /// Whether tokens can be checked now.
    pub(super) async fn check(&self) -> Result<(), String> {
        self.keys.check().await
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
        // There are no extensions that this understands (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return Err(Refused::Invalid("the token asks for extensions in crit"));
        }
        let key_id = header
            .kid
            .ok_or(Refused::Invalid("the token names no signing key"))?;
        let key = self.keys.find(&key_id).await.map_err(|error| match error {
            KeyError::Unknown => Refused::Invalid("the token's signing key is unknown"),
            KeyError::Unavailable { retry_after } => Refused::IssuerUnavailable { retry_after },
        })?;
        let claims = decode::<Claims>(token, &key.key, &self.validation)
            .map_err(|error| refused(&error))?
            .claims;
        self.check_origin(&claims, &key)?;
        let scopes = [claims.scp.given(), claims.scope.given()].concat();
        let roles = claims.roles.given();
        if scopes.is_empty() && roles.is_empty() {
            return Err(Refused::Invalid(
                "the token has neither scp nor roles: it is no access token for an API",
            ));
        }
        let settings = &self.keys.settings;
        check_permissions(&settings.permissions, &scopes.join(" "), &roles)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was validated, and the cast saturates"
        )]
        let expires = claims.exp as u64;
        let caller = caller_of(claims, settings.is_directory())?;
        Ok(Verified { caller, expires })
    }

    fn check_origin(&self, claims: &Claims, key: &SigningKey) -> Result<(), Refused> {
        let settings = &self.keys.settings;
        let tenant = claims.tid.as_deref();
        let tenant = tenant.and_then(|tid| Uuid::parse_str(tid).ok());
        let template = settings.issuer_template();
        let of_tenant = tenant.map(|id| template.replace(ANY_TENANT, &id.to_string()));
        let issuer = claims.iss.as_deref();
        // An issuer may be exactly what was set all the same.
        if issuer != Some(&settings.issuer) && issuer != of_tenant.as_deref() {
            return Err(Refused::Invalid("the token is from another issuer"));
        }
        let tid = claims.tid.as_deref().unwrap_or_default();
        if !key.is_of(issuer.unwrap_or_default(), tid) {
            return Err(Refused::Invalid(
                "the token is signed with another issuer's key",
            ));
        }
        let is_allowed = |id: Uuid| settings.tenants.contains(&id);
        if !settings.tenants.is_empty() && !tenant.is_some_and(is_allowed) {
            return Err(Refused::Invalid("the token is from another tenant"));
        }
        Ok(())
    }
}

fn bearer_token(headers: &HeaderMap) -> Result<&str, Refused> {
    let header = single(headers, AUTHORIZATION)?;
    let header = header.ok_or(Refused::Missing("the header Authorization is missing"))?;
    // Whatever else it is, it is no token (RFC 6750, section 3.1).
    let other = Refused::Missing("the header Authorization must be Bearer and a token");
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(other)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(other);
    }
    if token.len() > MAX_TOKEN {
        return Err(Refused::Invalid("the token is too long"));
    }
    Ok(token.trim())
}

/// The email address is the sign-in name in Entra ID, whose domain the tenant has proved to own. At other
/// issuers people choose that name. The `email` claim is what users say of themselves, unless it is verified.
fn caller_of(claims: Claims, is_directory: bool) -> Result<Caller, Refused> {
    let id = claims.oid.or(claims.sub);
    let id = id.and_then(|id| UserId::parse(&id).ok());
    let sign_in_name = claims
        .preferred_username
        .or(claims.upn)
        .or(claims.unique_name)
        .filter(|_| is_directory && claims.tid.is_some());
    let is_verified = claims.email_verified == true || claims.email_verified == "true";
    let verified = claims.email.filter(|_| is_verified);
    Ok(Caller {
        id: id.ok_or(Refused::Invalid("the token has no usable oid or sub"))?,
        name: claims.name,
        email: sign_in_name
            .and_then(|name| Email::of_sign_in_name(&name))
            .or_else(|| Email::parse(&verified?).ok()),
    })
}

fn refused(error: &jsonwebtoken::errors::Error) -> Refused {
    tracing::debug!(error = %Causes(error), "token refused");
    Refused::Invalid(match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks exp, iss or aud",
        _ => "the token is not valid",
    })
}

fn now() -> u64 {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed();
    since_1970.map_or(0, |elapsed| elapsed.as_secs())
}
