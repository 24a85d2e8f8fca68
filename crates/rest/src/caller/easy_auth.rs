//! `AUTH_MODE=easy-auth`: App Service Authentication has checked the caller and describes them in a header.
//!
//! The platform removes what a caller sent under that name only while it is enabled, which is why
//! settings allow this mode only with `WEBSITE_AUTH_ENABLED`. Format:
//! <https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities>

use super::refused::{Refused, single};
use crate::identity::{Caller, Email, UserId};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

const PRINCIPAL: &str = "x-ms-client-principal";

/// Claims by the short name in tokens, and by the name that claims mapping gives them.
const OID: [&str; 2] = [
    "oid",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];
const SUB: [&str; 2] = [
    "sub",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
];
const NAME: [&str; 2] = [
    "name",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
];
const UPN: [&str; 3] = [
    "preferred_username",
    "upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
];
#[derive(Deserialize)]
struct Principal {
    /// The identity provider; `aad` is Entra ID.
    auth_typ: String,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    typ: String,
    val: String,
}

pub(super) fn caller(headers: &HeaderMap) -> Result<Caller, Refused> {
    let header = single(headers, PRINCIPAL)?;
    let header = header.ok_or(Refused::Missing("the caller is not signed in"))?;
    let principal = decode(header.as_bytes())
        .ok_or(Refused::Invalid("X-MS-CLIENT-PRINCIPAL cannot be read"))?;
    let id = principal
        .id()
        .ok_or(Refused::Invalid("the principal has no usable id"))?;
    Ok(Caller {
        id,
        name: principal.claim(&NAME).map(ToOwned::to_owned),
        // The `email` claim is what users say of themselves; the sign-in name is the tenant's.
        email: principal.claim(&UPN).and_then(|upn| Email::parse(upn).ok()),
    })
}

fn decode(header: &[u8]) -> Option<Principal> {
    serde_json::from_slice(&STANDARD.decode(header).ok()?).ok()
}

impl Principal {
    /// Entra ID's object id; ids of other providers say whose they are, as they need not be different.
    fn id(&self) -> Option<UserId> {
        let subject = self.claim(&SUB);
        if self.auth_typ.eq_ignore_ascii_case("aad") {
            return UserId::parse(self.claim(&OID).or(subject)?).ok();
        }
        UserId::parse(&format!("{}:{}", self.auth_typ, subject?)).ok()
    }

    fn claim(&self, names: &[&str]) -> Option<&str> {
        let named = |claim: &&Claim| names.contains(&claim.typ.as_str());
        self.claims
            .iter()
            .find(named)
            .map(|claim| claim.val.as_str())
    }
}
