//! The names under which this is asked: `Host`, and what was it where the Functions host stands in front.

use super::edge::Edge;
use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Version};
use std::net::IpAddr;

const FORWARDED_HOST: &str = "x-forwarded-host";

/// Errors when `Host` is not what RFC 9112 (section 3.2) asks for. Where callers are taken at their word, it has to
/// name this machine as well: a page of another site, whose name leads here, must not call as anybody.
pub(super) fn check(edge: &Edge, request: &Request) -> Result<(), Problem> {
    let refused = |detail| Err(Problem::new(&MALFORMED_REQUEST, detail));
    let mut names = request.headers().get_all(HOST).iter();
    let name = match (names.next(), names.next()) {
        (None, _) if request.version() < Version::HTTP_11 => return Ok(()),
        (Some(name), None) => name,
        _ => return refused("there must be one `Host`"),
    };
    let Some(name) = authority(name) else {
        return refused("`Host` is not the name of a host");
    };
    let forwarded = request.headers().get_all(FORWARDED_HOST).iter();
    let is_local = |name: Option<Authority>| name.is_some_and(|name| is_loopback(name.host()));
    if edge.callers.are_taken_at_their_word()
        && !(is_local(Some(name)) && forwarded.map(authority).all(is_local))
    {
        return refused(
            "with AUTH_MODE `dev`, `Host` must be localhost or an address of this machine",
        );
    }
    Ok(())
}

fn authority(name: &HeaderValue) -> Option<Authority> {
    let name: Authority = name.to_str().ok()?.parse().ok()?;
    (!name.as_str().contains('@')).then_some(name)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_address = address
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    is_address || host.eq_ignore_ascii_case("localhost")
}
