//! `enableProxyingHttpRequest`: the request reaches the handler almost unchanged, and again when the connection
//! breaks before its body was sent.

use super::body::OnceBody;
use super::connection::{
    Connection, HOST_VERSION, INVOCATION_ID, MS_INVOCATION_ID, add_invocation_headers,
};
use anyhow::{bail, ensure};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// How often the host tries a request whose connection broke.
const TRIES: u32 = 10;

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What a request's headers become.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) caller: SocketAddr,
    /// The flags of a `traceparent` that the host adds; `None` when it adds none.
    pub(crate) trace_flags: Option<&'static str>,
}

pub(crate) async fn proxy(
    connection: &Connection,
    request: Request<Body>,
    seen: Seen,
) -> anyhow::Result<Response<Body>> {
    let (mut parts, body) = request.into_parts();
    change_headers(&mut parts.headers, seen)?;
    let body = OnceBody::new(body);
    for attempt in 1..=TRIES {
        if body.is_whole() {
            let request = Request::from_parts(parts.clone(), body.sending());
            if let Ok(answer) = connection.send(request).await {
                // An answer in the middle of a body is none: writing the rest of it fails.
                ensure!(body.is_taken().await, "the body could not be written");
                return Ok(answer);
            }
        }
        sleep(LONGEST_PAUSE.min(SHORTEST_PAUSE * attempt)).await;
    }
    bail!("the connection broke, {TRIES} times or with the body on its way")
}

fn change_headers(headers: &mut HeaderMap, seen: Seen) -> anyhow::Result<()> {
    let is_ascii = |value: &HeaderValue| value.as_bytes().is_ascii();
    ensure!(headers.values().all(is_ascii), "a header that is not ASCII");
    // About the caller's connection. Transfer-Encoding stays: a chunked body arrives chunked.
    for about_connection in [header::CONNECTION, header::TE, header::FORWARDED] {
        headers.remove(about_connection);
    }
    let host = headers.remove(header::HOST);
    headers.insert("x-forwarded-for", seen.caller.ip().to_string().parse()?);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers.remove("x-forwarded-host");
    headers.extend(host.map(|host| (HeaderName::from_static("x-forwarded-host"), host)));
    if let Some(flags) = seen.trace_flags
        && !headers.contains_key(TRACEPARENT)
    {
        let (trace, span) = (Uuid::new_v4().simple(), Uuid::new_v4().as_u64_pair().0);
        headers.insert(
            TRACEPARENT,
            format!("00-{trace}-{span:016x}-{flags}").parse()?,
        );
    }
    add_invocation_headers(headers, &[INVOCATION_ID, MS_INVOCATION_ID, HOST_VERSION])
}
