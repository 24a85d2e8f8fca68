//! An item as it is sent: in both encodings, each made once.

use azure_data_cosmos_driver::binary_json;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) etag: String,
    pub(crate) text: Bytes,
    /// Made when it is first asked for: of many items nobody ever does.
    binary: OnceLock<Bytes>,
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
        Self {
            etag,
            text: Value::Object(content).to_string().into(),
            binary: OnceLock::new(),
        }
    }

    pub(crate) fn encoded(&self, binary: bool) -> Bytes {
        if binary {
            let encode = || binary_json::encode(&self.content()).into();
            self.binary.get_or_init(encode).clone()
        } else {
            self.text.clone()
        }
    }

    pub(crate) fn content(&self) -> Value {
        serde_json::from_slice(&self.text).unwrap_or_default()
    }

    /// Request units of reading it: 1 for 1 KB and 10 for 100 KB
    /// (<https://learn.microsoft.com/azure/cosmos-db/key-value-store-cost>), evenly between.
    #[expect(clippy::cast_precision_loss, reason = "2 MB at most")]
    pub(crate) fn read_charge(&self) -> f64 {
        let kilobytes = self.text.len().div_ceil(1_024).max(1);
        1.0 + (kilobytes - 1) as f64 / 11.0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn item(description: &str) -> Item {
        let content = json!({ "id": "1", "description": description });
        Item::new(content.as_object().cloned().unwrap_or_default(), 1)
    }

    #[test]
    fn both_encodings_have_the_same_content() {
        let item = item("text");
        assert_eq!(parse(&item.encoded(false)), Some(item.content()));
        assert_eq!(parse(&item.encoded(true)), Some(item.content()));
        assert_ne!(item.encoded(true), item.encoded(false));
    }

    #[test]
    fn reading_a_hundred_kilobytes_costs_ten_units() {
        let units = |length: usize| format!("{:.1}", item(&"x".repeat(length)).read_charge());
        assert_eq!(units(10), "1.0");
        assert_eq!(units(100 * 1_024 - 500), "10.0");
    }
}
