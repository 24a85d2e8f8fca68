//! What the document says of the headers of answers.

use serde_json::{Map, Value, json};

pub(super) struct Header {
    name: &'static str,
    description: &'static str,
    schema: fn() -> Value,
    /// Whether every such answer has it.
    always: bool,
}

impl Header {
    pub(super) const fn sometimes(self) -> Self {
        Self {
            always: false,
            ..self
        }
    }
}

macro_rules! headers {
    ($($constant:ident: $name:literal, $description:literal, $schema:tt;)*) => {
        $(pub(super) const $constant: Header = Header {
            name: $name,
            description: $description,
            schema: || json!($schema),
            always: true,
        };)*
    };
}

headers! {
    ETAG: "ETag", "The version of the resource", {"type": "string", "pattern": "^\"[!#-~]+\"$"};
    LOCATION: "Location", "Where the new resource is", {"type": "string", "format": "uri-reference"};
    WWW_AUTHENTICATE: "WWW-Authenticate", "What to bring", {"type": "string", "pattern": "^Bearer"};
    ALLOW: "Allow", "The methods", {"type": "string", "minLength": 1};
    RETRY_AFTER: "Retry-After", "Seconds to wait", {"type": "integer", "minimum": 0};
    REQUEST_CHARGE: "x-ms-request-charge", "Request units the answer cost", {"type": "number", "minimum": 0};
    DEGRADED: "x-degraded", "There when there is no storage", {"type": "string", "enum": ["storage-not-configured"]};
}

pub(super) fn described(headers: &[Header]) -> Map<String, Value> {
    let described = headers.iter().map(|header| {
        let described = json!({
            "description": header.description,
            "required": header.always,
            "schema": (header.schema)(),
        });
        (header.name.to_owned(), described)
    });
    described.collect()
}
