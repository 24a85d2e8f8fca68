//! HTTP between the host and the handler.

use anyhow::{Context, bail};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, Response, header, uri::PathAndQuery};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// More than a handler answers to an invocation.
pub(crate) const MAX_ANSWER: usize = 100 << 20;

/// The first version of the Functions host that proxies.
const VERSION: &str = "4.1041.0";

pub(crate) const INVOCATION_ID: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");
pub(crate) const HOST_VERSION: HeaderName =
    HeaderName::from_static("x-azure-functions-hostversion");
pub(crate) const MS_INVOCATION_ID: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// Connections to the handler's port. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    client: Client<HttpConnector, Body>,
    url: String,
    breaks: Arc<AtomicBool>,
}

impl Connection {
    pub(crate) fn to(port: u16) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url: format!("http://127.0.0.1:{port}"),
            breaks: Arc::default(),
        }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The next answer is lost on its way, after the handler has done its work.
    pub(crate) fn break_once(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    /// Sends a request once. An error means that the connection broke.
    pub(crate) async fn send(&self, request: Request<Body>) -> anyhow::Result<Response<Body>> {
        let answer = self.exchange(request).await;
        if answer.is_ok() && self.breaks.swap(false, Ordering::SeqCst) {
            bail!("the connection broke, as the test wants");
        }
        answer
    }

    /// Whether `GET /` gets any answer. Its only header is `Host`.
    pub(crate) async fn is_answered(&self) -> bool {
        self.exchange(Request::default()).await.is_ok()
    }

    /// `Host` is the handler's address, whatever it was.
    async fn exchange(&self, request: Request<Body>) -> anyhow::Result<Response<Body>> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        parts.uri = format!("{}{path}", self.url).parse()?;
        parts.headers.remove(header::HOST);
        let answer = self.client.request(Request::from_parts(parts, body)).await;
        let mut answer = answer.context("the connection broke")?.map(Body::new);
        remove_hop_by_hop(answer.headers_mut());
        Ok(answer)
    }
}

/// Adds the headers by which the handler knows that the host calls. What a caller sent under their names
/// is replaced.
pub(crate) fn add_invocation_headers(
    headers: &mut HeaderMap,
    names: &[HeaderName],
) -> anyhow::Result<()> {
    let id = Uuid::new_v4().to_string();
    for name in names {
        let value = if *name == HOST_VERSION { VERSION } else { &id };
        headers.insert(name, value.parse()?);
    }
    Ok(())
}

/// Headers about one connection; the next one has its own.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    headers.remove(header::CONNECTION);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove("keep-alive");
}
