//! The way to the account: its name, its certificate, and what time it has.

use super::report::Check;
use cosmos_store::client::takes_any_certificate;
use custom_handler::tls;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Response;
use reqwest::header::DATE;
use reqwest::redirect::Policy;
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;
use tokio::net::lookup_host;
use url::{Host, Url};

/// How long one answer is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Seconds. Cosmos DB refuses requests signed with a key 15 minutes off. Entra's tokens are stricter: those
/// who check them allow 5 minutes by default.
/// <https://learn.microsoft.com/dotnet/api/microsoft.identitymodel.tokens.tokenvalidationparameters.defaultclockskew>
const MAX_SKEW: i64 = 300;

pub(super) const DNS: &str = "dns";
pub(super) const TLS: &str = "tls";
pub(super) const CLOCK: &str = "clock";

/// Returns the checks `dns`, `tls` and `clock`.
pub(super) async fn check(endpoint: &Url) -> [Check; 3] {
    let dns = check_name(endpoint).await;
    if !dns.is_ok() {
        return [dns, Check::skipped(TLS, DNS), Check::skipped(CLOCK, DNS)];
    }
    match greet(endpoint).await {
        Ok(answer) => {
            let clock = check_clock(&answer, Timestamp::now());
            [dns, Check::ok(TLS, trusted(endpoint)), clock]
        }
        Err(error) => [dns, no_answer(endpoint, &error), Check::skipped(CLOCK, TLS)],
    }
}

/// Host and port; not what else a URL may have, such as a password.
pub(super) fn host(endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or_default();
    let port = endpoint.port().map(|port| format!(":{port}"));
    format!("{host}{}", port.unwrap_or_default())
}

async fn check_name(endpoint: &Url) -> Check {
    let Some(Host::Domain(name)) = endpoint.host() else {
        let address = endpoint.host_str().unwrap_or_default();
        return Check::ok(DNS, format!("{address} is an address: no name to resolve"));
    };
    let failed = |reason: &str| {
        Check::failed(
            DNS,
            format!("{name} is not resolved: {reason}"),
            "Look for a typing error in COSMOS_ENDPOINT. With a private endpoint, this network needs its private DNS zone (privatelink.documents.azure.com).",
        )
    };
    let port = endpoint.port_or_known_default().unwrap_or_default();
    match tokio::time::timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(addresses)) => {
            let addresses: BTreeSet<_> = addresses.map(|to| to.ip().to_string()).collect();
            let addresses = Vec::from_iter(addresses).join(", ");
            Check::ok(DNS, format!("{name} is {addresses}"))
        }
        Ok(Err(error)) => failed(&error.to_string()),
        Err(_elapsed) => failed("no answer in time"),
    }
}

/// Any answer will do: without a credential, it is a refusal.
async fn greet(endpoint: &Url) -> reqwest::Result<Response> {
    let url = format!("{}://{}/", endpoint.scheme(), host(endpoint));
    trusting(endpoint)?.get(url).send().await
}

/// A client as the SDK's: no proxy, and the same trust.
pub(super) fn trusting(endpoint: &Url) -> reqwest::Result<reqwest::Client> {
    tls::install();
    reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(takes_any_certificate(endpoint))
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .build()
}

fn trusted(endpoint: &Url) -> String {
    match endpoint.scheme() {
        "http" => "plain http on loopback: no certificate to verify".to_owned(),
        _ if takes_any_certificate(endpoint) => {
            "on loopback any certificate is taken, as emulators sign their own".to_owned()
        }
        _ => format!("the certificate of {} is trusted", host(endpoint)),
    }
}

fn no_answer(endpoint: &Url, error: &reqwest::Error) -> Check {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let (host, cause) = (host(endpoint), cause.to_string());
    if cause.contains("certificate") {
        return Check::failed(
            TLS,
            format!("the certificate of {host} is not trusted: {cause}"),
            "Something between here and the account may answer in its place. If that is meant to be, SSL_CERT_FILE names a file with the certificates to trust.",
        );
    }
    let reason = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause
    };
    Check::failed(
        TLS,
        format!("{host} does not answer: {reason}"),
        "Is the port right, and does a firewall let this machine through? With public access off, the account is reached through a private endpoint alone.",
    )
}

fn check_clock(answer: &Response, now: Timestamp) -> Check {
    let date = answer
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok());
    let Some(date) = date.and_then(|date| rfc2822::parse(date).ok()) else {
        return Check::failed(
            CLOCK,
            "the answer has no date",
            "Something that is not Cosmos DB answers at COSMOS_ENDPOINT.",
        );
    };
    let ahead = now.as_second() - date.timestamp().as_second();
    let detail = match ahead {
        0 => "the same as the account's, to the second".to_owned(),
        1.. => format!("{ahead} s ahead of the account's"),
        _ => format!("{} s behind the account's", -ahead),
    };
    if ahead.abs() <= MAX_SKEW {
        return Check::ok(CLOCK, detail);
    }
    Check::failed(
        CLOCK,
        detail,
        "Set this machine's clock, best by NTP: tokens are refused before and after their time.",
    )
}
