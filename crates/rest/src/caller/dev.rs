//! `AUTH_MODE=dev`: the caller is who the `x-dev-user` header says. Settings allow it only where there is
//! nothing to protect: with a Cosmos DB endpoint on loopback, or with none.

use super::refused::{Refused, single};
use crate::identity::{Caller, Email, UserId};
use axum::http::HeaderMap;

const DEV_USER: &str = "x-dev-user";

pub(super) fn caller(headers: &HeaderMap) -> Result<Caller, Refused> {
    let value = single(headers, DEV_USER)?;
    let value = value.ok_or(Refused::Missing("the header x-dev-user is missing"))?;
    let id = value.to_str().ok().and_then(|id| UserId::parse(id).ok());
    let id = id.ok_or(Refused::Invalid(
        "x-dev-user must have 1 to 320 visible ASCII characters",
    ))?;
    Ok(Caller {
        name: Some(id.as_str().to_owned()),
        email: email_of(id.as_str()),
        id,
    })
}

/// The id, when it is an address; else one at the domain that is kept for examples (RFC 2606).
fn email_of(id: &str) -> Option<Email> {
    if id.contains('@') {
        Email::parse(id).ok()
    } else {
        Email::parse(&format!("{id}@example.com")).ok()
    }
}
