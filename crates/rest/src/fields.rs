//! Reading a JSON object field by field, so that one answer names every violation.
//!
//! `serde` stops at the first field that does not fit; callers deserve the whole list.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Violations named in one answer; a body with thousands of unknown fields gets this many.
const MAX_VIOLATIONS: usize = 100;
/// Characters of an unknown field's name that are repeated to the caller.
const MAX_NAME_SHOWN: usize = 100;

/// One thing wrong with a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// RFC 6901 JSON pointer to the field; empty for the whole body.
    pub pointer: String,
    pub detail: String,
}

impl Violation {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// A request body that is read from JSON, whole or not at all.
pub trait Body: Sized {
    /// Returns the body, or every violation in it.
    fn parse(json: Value) -> Result<Self, Vec<Violation>>;
}

/// What a merge patch (RFC 7396) says of a nullable field: nothing, null, or a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

/// A field that may be there, and may be null.
impl<T: JsonSchema> JsonSchema for Change<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        <Option<T>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Option<T>>::json_schema(generator)
    }
}

/// What is kept has no field: see [`Change::is_keep`].
impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

impl<T> Change<T> {
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T: Clone> Change<T> {
    pub fn apply(&self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
    }
}

/// A value that one JSON field can hold.
pub trait FieldValue: Sized {
    /// Returns the value, or what is wrong with it, with pointers relative to the field.
    fn parse(json: Value) -> Result<Self, Vec<Violation>>;
}

/// The fields of one JSON object, taken out one at a time.
#[derive(Debug)]
pub struct Fields {
    rest: Map<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    pub fn of(json: Value) -> Result<Self, Vec<Violation>> {
        match json {
            Value::Object(rest) => Ok(Self {
                rest,
                violations: Vec::new(),
            }),
            other => Err(vec![Violation::new("", must_be("an object", &other))]),
        }
    }

    /// A field that must be there. `None` when it is not, or is wrong: the violation is kept.
    pub fn required<T: FieldValue>(&mut self, name: &'static str) -> Option<T> {
        if let Some(value) = self.rest.remove(name) {
            return self.read(name, value);
        }
        self.violations
            .push(Violation::new(pointer(name), "is required"));
        None
    }

    /// A field that may be absent, but not null.
    pub fn optional<T: FieldValue>(&mut self, name: &'static str) -> Option<T> {
        let value = self.rest.remove(name)?;
        self.read(name, value)
    }

    /// A field that may be absent or null, which are the same.
    pub fn nullable<T: FieldValue>(&mut self, name: &'static str) -> Option<T> {
        match self.change(name) {
            Change::Set(value) => Some(value),
            Change::Keep | Change::Clear => None,
        }
    }

    /// A nullable field of a merge patch.
    pub fn change<T: FieldValue>(&mut self, name: &'static str) -> Change<T> {
        match self.rest.remove(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => self.read(name, value).map_or(Change::Keep, Change::Set),
        }
    }

    /// Refuses what was not taken, and returns `body` when nothing was wrong.
    pub fn finish<T>(mut self, body: Option<T>) -> Result<T, Vec<Violation>> {
        let unknown = self
            .rest
            .keys()
            .map(|name| Violation::new(pointer(name), "is not a known field"));
        self.violations.extend(unknown);
        self.violations.truncate(MAX_VIOLATIONS);
        match body {
            Some(body) if self.violations.is_empty() => Ok(body),
            _ => Err(self.violations),
        }
    }

    /// As [`Fields::finish`], without looking at what was not taken: it is not known what may be there.
    pub fn only<T>(self, body: Option<T>) -> Result<T, Vec<Violation>> {
        body.ok_or(self.violations)
    }

    fn read<T: FieldValue>(&mut self, name: &str, value: Value) -> Option<T> {
        match T::parse(value) {
            Ok(value) => Some(value),
            Err(found) => {
                let at = pointer(name);
                self.violations
                    .extend(found.into_iter().map(|violation| Violation {
                        pointer: format!("{at}{}", violation.pointer),
                        ..violation
                    }));
                None
            }
        }
    }
}

impl FieldValue for String {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        match json {
            Value::String(text) => Ok(text),
            other => Err(vec![Violation::new("", must_be("a string", &other))]),
        }
    }
}

/// "must be a string, not a number"
#[must_use]
pub fn must_be(expected: &str, found: &Value) -> String {
    let kind = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("must be {expected}, not {kind}")
}

fn pointer(name: &str) -> String {
    let shown: String = name.chars().take(MAX_NAME_SHOWN).collect();
    format!("/{}", shown.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use serde_json::json;

    type Name = Text<1, 5>;

    #[test]
    fn every_violation_is_named_at_once() {
        let mut fields = Fields::of(json!({"name": 7, "a/b~c": true})).unwrap();
        let name = fields.required::<Name>("name");
        let _missing = fields.required::<Name>("title");
        assert_eq!(
            fields.finish(name).unwrap_err(),
            vec![
                Violation::new("/name", "must be a string, not a number"),
                Violation::new("/title", "is required"),
                Violation::new("/a~1b~0c", "is not a known field"),
            ]
        );
    }

    #[test]
    fn a_flood_of_unknown_fields_is_answered_in_bounds() {
        let flood: Map<String, Value> = (0..10_000)
            .map(|n| (format!("{n}{}", "x".repeat(300)), Value::Null))
            .collect();
        let violations = Fields::of(Value::Object(flood))
            .unwrap()
            .finish(Some(()))
            .unwrap_err();
        assert_eq!(violations.len(), MAX_VIOLATIONS);
        assert!(
            violations
                .iter()
                .all(|v| v.pointer.len() <= MAX_NAME_SHOWN + 1)
        );
    }

    #[test]
    fn absent_null_and_a_value_are_told_apart() {
        let read = |json| Fields::of(json).unwrap().change::<Name>("name");
        assert_eq!(read(json!({})), Change::Keep);
        assert_eq!(read(json!({"name": null})), Change::Clear);
        let name = Name::new("x").unwrap();
        assert_eq!(read(json!({"name": "x"})), Change::Set(name));
    }
}
