//! `AUTH_MODE=easy-auth`: App Service Authentication has checked the caller and describes them in a header.
//!
//! The platform removes what a caller sent under that name only while it is enabled, which is why
//! settings allow this mode only with `WEBSITE_AUTH_ENABLED`. Format:
//! <https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities>

use super::refused::{Refused, check_permissions, single};
use crate::auth_settings::Permissions;
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
const EMAIL: [&str; 2] = [
    "email",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
];
const SCOPES: [&str; 2] = ["scp", "http://schemas.microsoft.com/identity/claims/scope"];
const ROLES: [&str; 2] = [
    "roles",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
];
/// The client of an access token. The principal of somebody who signed in by browser has none of these.
const CLIENT: [&str; 4] = ["azp", "azpacr", "appid", "appidacr"];

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

pub(super) fn caller(headers: &HeaderMap, needed: &Permissions) -> Result<Caller, Refused> {
    let header = single(headers, PRINCIPAL)?;
    let header = header.ok_or(Refused::Missing("the caller is not signed in"))?;
    let principal = decode(header.as_bytes())
        .ok_or(Refused::Invalid("X-MS-CLIENT-PRINCIPAL cannot be read"))?;
    let id = principal
        .id()
        .ok_or(Refused::Invalid("the principal has no usable id"))?;
    let scopes: Vec<_> = principal.claims(&SCOPES).collect();
    let roles: Vec<_> = principal.claims(&ROLES).collect();
    let is_of_access_token = principal.is_entra() && principal.claim(&CLIENT).is_some();
    if is_of_access_token && scopes.is_empty() && roles.is_empty() {
        return Err(Refused::Invalid(
            "the principal has neither scopes nor roles: nobody gave its app access",
        ));
    }
    check_permissions(needed, &scopes.join(" "), &roles)?;
    Ok(Caller {
        id,
        name: principal.claim(&NAME).map(ToOwned::to_owned),
        email: principal.email(),
    })
}

fn decode(header: &[u8]) -> Option<Principal> {
    serde_json::from_slice(&STANDARD.decode(header).ok()?).ok()
}

impl Principal {
    /// Entra ID's object id; ids of other providers say whose they are, as they need not be different.
    fn id(&self) -> Option<UserId> {
        let subject = self.claim(&SUB);
        if self.is_entra() {
            return UserId::parse(self.claim(&OID).or(subject)?).ok();
        }
        UserId::parse(&format!("{}:{}", self.auth_typ, subject?)).ok()
    }

    fn is_entra(&self) -> bool {
        self.auth_typ.eq_ignore_ascii_case("aad")
    }

    /// The sign-in name in Entra ID, which is the tenant's to give; at other providers people choose it
    /// themselves. An `email` is what users say of themselves, unless the provider has verified it.
    fn email(&self) -> Option<Email> {
        let sign_in_name = self.claim(&UPN).filter(|_| self.is_entra());
        let is_verified = self
            .claim(&["email_verified"])
            .is_some_and(|verified| verified.eq_ignore_ascii_case("true"));
        let verified = || Email::parse(self.claim(&EMAIL).filter(|_| is_verified)?).ok();
        sign_in_name
            .and_then(Email::of_sign_in_name)
            .or_else(verified)
    }

    fn claim(&self, names: &[&str]) -> Option<&str> {
        self.claims(names).next()
    }

    /// The values of a claim that may be there several times. Empty ones do not count.
    fn claims(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        let named = |claim: &&Claim| names.contains(&claim.typ.as_str()) && !claim.val.is_empty();
        self.claims
            .iter()
            .filter(named)
            .map(|claim| claim.val.as_str())
    }
}
