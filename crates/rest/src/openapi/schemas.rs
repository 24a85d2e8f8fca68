//! Schemas of what callers send and get.

use crate::patch::IS_PATCH;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Schemas by name: what callers send, and what they get.
#[derive(Debug)]
pub(crate) struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            sent: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    /// Returns the schema of a body that callers send.
    pub(crate) fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    /// Returns the schema of a body that callers get.
    pub(crate) fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    pub(super) fn finish(mut self) -> Map<String, Value> {
        let answered = self.answered.take_definitions(true).into_iter();
        let mut all: Map<_, _> = answered
            .map(|(name, schema)| (name, transformed(schema, answer)))
            .collect();
        for (name, schema) in self.sent.take_definitions(true) {
            all.insert(name, transformed(schema, body));
        }
        all
    }
}

fn transformed(schema: Value, transform: fn(&mut Schema)) -> Value {
    let mut schema = Schema::try_from(schema).unwrap_or_default();
    RecursiveTransform(transform).transform(&mut schema);
    schema.to_value()
}

/// What callers send: unknown fields are refused.
///
/// Patches do not say so: generated clients set a field of theirs to null in what they call additional properties.
fn body(schema: &mut Schema) {
    enumerate(schema);
    simplify(schema);
    let is_patch = schema.remove(IS_PATCH).is_some();
    if schema.get("properties").is_some() && !is_patch {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    if !is_patch {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, property) in properties.into_iter().flatten() {
            plain_reference(property);
        }
    }
}

/// What callers get: a field that may be absent is never null.
fn answer(schema: &mut Schema) {
    enumerate(schema);
    simplify(schema);
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        let mut names = required.as_array().into_iter().flatten();
        names.any(|required| required == name)
    };
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if is_required(name) {
            continue;
        }
        plain_reference(property);
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [kind] = types.as_slice() {
                property["type"] = kind.clone();
            }
        }
    }
}

/// A choice between a reference and null becomes the reference.
fn plain_reference(property: &mut Value) {
    let choice = property.get("anyOf").and_then(Value::as_array);
    if let Some([reference, null]) = choice.map(Vec::as_slice)
        && null["type"] == "null"
    {
        *property = reference.clone();
    }
}

/// Generators of clients do not know the formats of Rust's integers. To openapi-typescript a field with a default is one
/// that must be sent; others make a text of an enumeration's.
fn simplify(schema: &mut Schema) {
    schema.remove("default");
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.starts_with("uint")) {
        schema.remove("format");
    }
}

/// A choice between constants becomes an enumeration of strings, which generators of clients understand.
pub(super) fn enumerate(schema: &mut Schema) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else {
        return;
    };
    let constants: Option<Vec<_>> = choices
        .iter()
        .map(|choice| Some((choice.get("const")?.clone(), choice.get("description"))))
        .collect();
    let Some(constants) = constants else {
        return;
    };
    let mut description = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    for (value, meaning) in &constants {
        if let (Some(value), Some(meaning)) = (value.as_str(), meaning.and_then(Value::as_str)) {
            let _ = write!(description, "\n- `{value}`: {meaning}");
        }
    }
    let values: Vec<_> = constants.into_iter().map(|(value, _)| value).collect();
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), values.into());
    schema.insert("description".to_owned(), description.into());
}
