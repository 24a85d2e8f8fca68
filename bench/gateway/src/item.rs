//! An item as it is sent: in both encodings, made once, when it is written.

use azure_data_cosmos_driver::binary_json;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) etag: String,
    pub(crate) text: Bytes,
    pub(crate) binary: Bytes,
}

impl Item {
    /// The content with the system's properties, as version `number`.
    pub(crate) fn new(mut content: Map<String, Value>, number: u64) -> Self {
        let etag = format!("\"{number:08x}-0000-0d00-0000-{number:012x}\"");
        let rid = format!("xAsdAKl0hQ{:06}AAAAAAA==", number % 1_000_000);
        let system = [
            (
                "_self",
                json!(format!("dbs/xAsdAA==/colls/xAsdAKl0hQA=/docs/{rid}/")),
            ),
            ("_rid", json!(rid)),
            ("_etag", json!(etag)),
            ("_ts", json!(1_767_225_600 + number)),
            ("_attachments", json!("attachments/")),
        ];
        for (name, value) in system {
            content.insert(name.to_owned(), value);
        }
        let content = Value::Object(content);
        Self {
            etag,
            text: content.to_string().into(),
            binary: binary_json::encode(&content).into(),
        }
    }

    pub(crate) fn encoded(&self, binary: bool) -> Bytes {
        if binary { &self.binary } else { &self.text }.clone()
    }

    pub(crate) fn content(&self) -> Value {
        serde_json::from_slice(&self.text).unwrap_or_default()
    }

    /// Kilobytes, begun ones included, as request units count them.
    pub(crate) fn kilobytes(&self) -> usize {
        self.text.len().div_ceil(1_024).max(1)
    }
}

/// Reads a body in either encoding.
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    if binary_json::is_binary(body) {
        binary_json::decode(body).ok()
    } else {
        serde_json::from_slice(body).ok()
    }
}
