//! Requests to the app, and what is looked at in their answers.

use anyhow::{Context, ensure};
use rustls::crypto::ring;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

/// A bit more than the longest request may take on the platform.
const LIMIT: Duration = Duration::from_mins(4);

/// Nothing that is looked at is longer.
const MAX_BODY: u64 = 4 << 20;

/// The caller in whose name the app is asked.
#[derive(Debug)]
pub(super) struct Caller {
    agent: Agent,
    base: String,
    signs_in: Option<(String, String)>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A request, without a caller unless one is signed in.
pub(super) struct Asked<'a> {
    caller: &'a Caller,
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
}

impl Caller {
    pub(super) fn new(url: &str, signs_in: Option<(String, String)>) -> anyhow::Result<Self> {
        let base = url.trim_end_matches('/');
        let has_scheme = base.starts_with("https://") || base.starts_with("http://");
        ensure!(has_scheme, "{url} does not begin with https:// or http://");
        // The certificates that this machine trusts, as browsers and the Azure CLI take them.
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(LIMIT));
        Ok(Self {
            agent: config.build().into(),
            base: base.to_owned(),
            signs_in,
        })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.signs_in.is_some()
    }

    pub(super) fn ask(&self, method: &'static str, path: &str) -> Asked<'_> {
        self.ask_url(method, format!("{}{path}", self.base))
    }

    pub(super) fn ask_url(&self, method: &'static str, url: String) -> Asked<'_> {
        Asked {
            caller: self,
            method,
            url,
            headers: Vec::new(),
        }
    }
}

impl Asked<'_> {
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn signed_in(mut self) -> Self {
        self.headers.extend(self.caller.signs_in.clone());
        self
    }

    pub(super) fn send(self) -> anyhow::Result<Answer> {
        self.send_body(SendBody::none())
    }

    pub(super) fn json(self, body: &Value) -> anyhow::Result<Answer> {
        let body = body.to_string();
        self.json_text(
            SendBody::from_reader(&mut body.as_bytes()),
            Some(body.len()),
        )
    }

    /// Chunked when no length is given.
    pub(super) fn json_text(
        mut self,
        body: SendBody<'_>,
        length: Option<usize>,
    ) -> anyhow::Result<Answer> {
        let length = length.map(|length| ("content-length".to_owned(), length.to_string()));
        self.headers.extend(length);
        self.header("content-type", "application/json")
            .send_body(body)
    }

    fn send_body(self, body: SendBody<'_>) -> anyhow::Result<Answer> {
        let failed = format!("{} {}", self.method, self.url);
        let mut request = ureq::http::Request::builder()
            .method(self.method)
            .uri(&self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let answer = self.caller.agent.run(request.body(body)?);
        Answer::read(answer.with_context(|| failed.clone())?).context(failed)
    }
}

impl Answer {
    fn read(answer: Response<Body>) -> anyhow::Result<Self> {
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(MAX_BODY).read_to_vec()?;
        Ok(Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap_or("not text"))
    }

    /// Null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code of a problem.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.status, self.code())
            .trim_end()
            .to_owned()
    }

    pub(super) fn is_problem(&self, status: u16, code: &str) -> bool {
        self.status == status && self.code() == code
    }
}
