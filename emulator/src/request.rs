//! A request to the Cosmos side: where it goes, what it is about and which items it names.

use crate::account::ItemPath;
use crate::listener::Region;
use crate::resource::Resource;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use azure_core::http::headers::{self, HeaderName};
use azure_core::http::{Method, Request};
use azure_data_cosmos_driver::binary_json;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) struct CosmosRequest {
    pub(crate) region: String,
    pub(crate) method: Method,
    pub(crate) resource: Resource,
    pub(crate) database: Option<String>,
    pub(crate) container: Option<String>,
    pub(crate) partition_key: Option<String>,
    pub(crate) activity_id: Option<String>,
    pub(crate) wire: Request,
    item_id: Option<String>,
    body: Bytes,
}

/// An item as a request names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NamedItem {
    pub(crate) id: String,
    /// Whether the request leaves the item there with new content.
    pub(crate) is_written: bool,
    /// Whether that content may have a time to live of its own.
    pub(crate) may_have_ttl: bool,
}

impl CosmosRequest {
    pub(crate) fn authorization(&self) -> Option<String> {
        let header = self
            .wire
            .headers()
            .get_optional_str(&headers::AUTHORIZATION);
        header.map(str::to_owned)
    }

    pub(crate) fn page_size(&self) -> Option<i32> {
        let header = HeaderName::from_static("x-ms-max-item-count");
        self.wire.headers().get_optional_str(&header)?.parse().ok()
    }

    /// `segments` is the path with names instead of resource ids. Returns `None` for a method Cosmos
    /// does not know.
    pub(crate) fn new(
        region: &Region,
        parts: &Parts,
        segments: &[String],
        body: Bytes,
    ) -> Option<Self> {
        let method = parts.method.as_str().parse().ok()?;
        let is_in_database = segments.first().is_some_and(|first| first == "dbs");
        let name = |index: usize| segments.get(index).filter(|_| is_in_database).cloned();
        let header = |name| text(parts.headers.get(name)?).map(str::to_owned);
        // The region is the listener's, whatever the Host header says.
        let mut url = region.url.clone();
        url.set_path(&path(segments));
        url.set_query(parts.uri.query());
        Some(Self {
            region: region.name.clone(),
            method,
            resource: Resource::of(&parts.method, segments, &parts.headers),
            database: name(1),
            container: name(3),
            partition_key: header("x-ms-documentdb-partitionkey"),
            activity_id: header("x-ms-activity-id"),
            wire: wire(Request::new(url, method), &parts.headers, &body),
            item_id: name(5),
            body,
        })
    }

    /// Where the item is that the request is about.
    pub(crate) fn item_path(&self) -> Option<ItemPath<'_>> {
        Some(ItemPath {
            database: self.database.as_deref()?,
            container: self.container.as_deref()?,
            partition_key: self.partition_key.as_deref()?,
            id: self.item_id.as_deref()?,
        })
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        let name = HeaderName::from_static(name);
        self.wire.headers().get_optional_str(&name)
    }

    pub(crate) fn header_is_true(&self, name: &'static str) -> bool {
        self.header(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn set_header(&mut self, name: &'static str, value: String) {
        self.wire.insert_header(name, value);
    }

    pub(crate) fn remove_header(&mut self, name: &'static str) {
        self.wire
            .headers_mut()
            .remove(HeaderName::from_static(name));
    }

    pub(crate) fn set_partition_key(&mut self, key: String) {
        self.set_header("x-ms-documentdb-partitionkey", key.clone());
        self.partition_key = Some(key);
    }

    /// Lets the account answer in text even if the client takes binary JSON.
    pub(crate) fn want_text(&mut self) {
        self.remove_header("x-ms-cosmos-supported-serialization-formats");
    }

    /// What the account gets instead of what arrived.
    pub(crate) fn set_body(&mut self, body: &Value) {
        self.body = body.to_string().into();
        self.wire.set_body(self.body.clone());
    }

    /// The items named by the path or the body; none when they cannot be read.
    pub(crate) fn items(&self) -> Vec<NamedItem> {
        match self.resource {
            Resource::Item => self.item().into_iter().collect(),
            Resource::Batch => self
                .decode::<Vec<BatchOperation>>()
                .map_or(Vec::new(), |batch| {
                    batch.into_iter().filter_map(BatchOperation::item).collect()
                }),
            _ => Vec::new(),
        }
    }

    fn item(&self) -> Option<NamedItem> {
        let written = |id: String, may_have_ttl| NamedItem {
            id,
            is_written: true,
            may_have_ttl,
        };
        match (self.method, self.item_id.clone()) {
            (Method::Patch, Some(id)) => Some(written(id, true)),
            (Method::Put, Some(id)) => {
                let content: Content = self.decode()?;
                Some(written(id, content.ttl.is_some()))
            }
            (_, Some(id)) => Some(NamedItem {
                id,
                is_written: false,
                may_have_ttl: false,
            }),
            (_, None) => {
                let content: Content = self.decode()?;
                Some(written(content.id?, content.ttl.is_some()))
            }
        }
    }

    pub(crate) fn is_binary(&self) -> bool {
        binary_json::is_binary(&self.body)
    }

    /// Reads the body, which is text or Cosmos binary JSON.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Option<T> {
        if self.is_binary() {
            binary_json::from_slice(&self.body).ok()
        } else {
            serde_json::from_slice(&self.body).ok()
        }
    }
}

/// The decoded segments of a path. The Python SDK ends paths with a slash, which the driver's emulator
/// refuses.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

fn path(segments: &[String]) -> String {
    let encoded = segments
        .iter()
        .map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string());
    encoded.collect::<Vec<_>>().join("/")
}

fn wire(mut request: Request, headers: &HeaderMap, body: &Bytes) -> Request {
    for (name, value) in headers {
        if let Some(value) = text(value) {
            let name = HeaderName::from(name.as_str().to_owned());
            let value = headers::HeaderValue::from(value.to_owned());
            request.headers_mut().insert(name, value);
        }
    }
    request.set_body(body.clone());
    request
}

/// Partition keys may have letters outside ASCII.
fn text(value: &HeaderValue) -> Option<&str> {
    str::from_utf8(value.as_bytes()).ok()
}

#[derive(Deserialize)]
struct Content {
    id: Option<String>,
    ttl: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchOperation {
    id: Option<String>,
    resource_body: Option<Content>,
}

impl BatchOperation {
    fn item(self) -> Option<NamedItem> {
        let content = self.resource_body;
        Some(NamedItem {
            is_written: content.is_some(),
            may_have_ttl: content
                .as_ref()
                .is_some_and(|content| content.ttl.is_some()),
            id: self.id.or_else(|| content?.id)?,
        })
    }
}
