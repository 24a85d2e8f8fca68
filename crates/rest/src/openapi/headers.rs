//! What the document says of the headers of answers.

use serde_json::{Map, Value, json};

pub(super) struct Header {
    name: &'static str,
    description: &'static str,
    schema: fn() -> Value,
    /// Whether every such answer has it.
    always: bool,
}

const fn always(name: &'static str, description: &'static str, schema: fn() -> Value) -> Header {
    Header {
        name,
        description,
        schema,
        always: true,
    }
}

impl Header {
    pub(super) const fn sometimes(self) -> Self {
        Self {
            always: false,
            ..self
        }
    }
}

pub(super) const ETAG: Header = always(
    "ETag",
    "The version of the resource",
    || json!({"type": "string", "pattern": "^\"[!#-~]+\"$"}),
);
pub(super) const LOCATION: Header = always(
    "Location",
    "Where the new resource is",
    || json!({"type": "string", "format": "uri-reference"}),
);
pub(super) const WWW_AUTHENTICATE: Header = always(
    "WWW-Authenticate",
    "What to bring",
    || json!({"type": "string", "pattern": "^Bearer"}),
);
pub(super) const ALLOW: Header = always(
    "Allow",
    "The methods",
    || json!({"type": "string", "minLength": 1}),
);
pub(super) const RETRY_AFTER: Header = always(
    "Retry-After",
    "Seconds to wait",
    || json!({"type": "integer", "minimum": 0}),
);
pub(super) const REQUEST_CHARGE: Header = always(
    "x-ms-request-charge",
    "Request units the answer cost",
    || json!({"type": "number", "minimum": 0}),
)
.sometimes();
pub(super) const DEGRADED: Header = always(
    "x-degraded",
    "There when there is no storage",
    || json!({"type": "string", "enum": ["storage-not-configured"]}),
)
.sometimes();

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
