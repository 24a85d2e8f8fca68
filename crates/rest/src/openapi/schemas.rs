//! Schemas of what callers send and get.

use super::forms;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Schemas by name: what callers send, and what they get.
#[derive(Debug)]
pub struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

/// A schema's reference.
pub type Reference = Value;

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

    /// The schema of a body that callers send.
    pub fn sent<T: schemars::JsonSchema>(&mut self) -> Reference {
        self.sent.subschema_for::<T>().to_value()
    }

    /// The schema of a body that callers get.
    pub fn answered<T: schemars::JsonSchema>(&mut self) -> Reference {
        self.answered.subschema_for::<T>().to_value()
    }

    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = Map::new();
        for (name, schema) in self.answered.take_definitions(true) {
            all.insert(name, in_form(schema, forms::answered));
        }
        for (name, schema) in self.sent.take_definitions(true) {
            all.insert(name, in_form(schema, as_sent));
        }
        all
    }
}

fn in_form(schema: Value, form: fn(&mut Schema)) -> Value {
    let mut schema = Schema::try_from(schema).unwrap_or_default();
    RecursiveTransform(form).transform(&mut schema);
    RecursiveTransform(forms::plain).transform(&mut schema);
    schema.to_value()
}

/// Unknown fields are refused.
fn as_sent(schema: &mut Schema) {
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}
