//! The requests, made from one template.

use crate::Arguments;
use anyhow::Context;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

pub(crate) type Body = Full<Bytes>;

const CONNECTION: &str = "{connection}";
const REQUEST: &str = "{request}";

#[derive(Debug)]
pub(crate) struct Template {
    address: String,
    path: String,
    method: Method,
    headers: HeaderMap,
    body: String,
}

impl Template {
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let url = arguments.url.strip_prefix("http://");
        let url = url.context("the URL must begin with http://")?;
        let (address, path) = url.split_once('/').unwrap_or((url, ""));
        let mut headers = HeaderMap::new();
        headers.insert(HOST, address.parse()?);
        for header in &arguments.header {
            let (name, value) = header
                .split_once(':')
                .with_context(|| format!("a header is `name: value`, not `{header}`"))?;
            let name: HeaderName = name.trim().parse()?;
            headers.insert(name, HeaderValue::from_str(value.trim())?);
        }
        Ok(Self {
            address: address.to_owned(),
            path: format!("/{path}"),
            method: arguments.method.parse()?,
            headers,
            body: arguments.body.clone().unwrap_or_default(),
        })
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn request(&self, connection: usize, request: u64) -> anyhow::Result<Request<Body>> {
        let path: Uri = filled(&self.path, connection, request).try_into()?;
        let body = filled(&self.body, connection, request);
        let mut made = Request::new(Full::new(body.into()));
        *made.method_mut() = self.method.clone();
        *made.uri_mut() = path;
        *made.headers_mut() = self.headers.clone();
        Ok(made)
    }
}

fn filled(text: &str, connection: usize, request: u64) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    text.replace(CONNECTION, &format!("{connection:012x}"))
        .replace(REQUEST, &request.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_in() {
        let text = "/items/{connection}?n={request}";
        assert_eq!(filled(text, 26, 7), "/items/00000000001a?n=7");
    }
}
