//! Parameters of lists, as the document describes them.

use rest::openapi::operation::{Parameter, in_place};
use rest::page::Limit;
use rest::text::Name;
use serde_json::{Value, json};

pub(super) const LIMIT: Parameter = ("limit", limit, false);
pub(super) const CONTINUATION: Parameter = ("continuation", continuation, false);

fn limit() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": Limit::MAX, "default": 20})
}

/// Base64 as [`rest::continuation`] makes it; what is in it is nobody else's to know.
fn continuation() -> Value {
    json!({"type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_-]+$"})
}

pub(super) fn visibility() -> Value {
    json!({"type": "string", "enum": ["private", "public"]})
}

pub(super) fn part_of_name() -> Value {
    let mut schema = in_place::<Name>();
    schema["description"] = "Part of the name, whatever its case".into();
    schema
}

pub(super) fn order() -> Value {
    let orders = ["createdAt", "-createdAt", "name", "-name"];
    json!({"type": "string", "enum": orders, "default": "createdAt"})
}
