//! JSON merge patches (RFC 7396).

use crate::violations::{self, Violations};
use deserr::{Deserr, IntoValue, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Marks the schemas of patches until the document is finished.
pub(crate) const IS_PATCH: &str = "x-patch";

/// A merge patch of a `T`: absent fields stay as they are, null removes a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Patch<T> {
    changes: Value,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + Deserr<Violations>> Patch<T> {
    /// An empty patch changes nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.as_object().is_some_and(Map::is_empty)
    }

    /// Returns `fields` with the changes.
    ///
    /// # Errors
    /// Every violation of the result as a whole.
    pub fn apply(&self, fields: &T) -> Result<T, Violations> {
        let mut merged = serde_json::to_value(fields).unwrap_or_default();
        merge(&mut merged, &self.changes);
        violations::read(merged)
    }
}

/// As RFC 7396 says, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

/// Values that no `T` can have are refused at once. What the patch leaves out may be in the `T` that it changes.
impl<T: Deserr<Violations>> Deserr<Violations> for Patch<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let changes = Value::deserialize_from_value(value, location)?;
        if !changes.is_object() {
            return Err(violations::wrong(location, "must be an object".to_owned()));
        }
        let mut values = Value::Object(Map::new());
        merge(&mut values, &changes);
        if let Err(found) = violations::read::<T>(values)
            && let Some(found) = found.filter(|pointer| changes.pointer(pointer).is_some())
        {
            return Err(found.under(&violations::pointer(location)));
        }
        Ok(Self {
            changes,
            of: PhantomData,
        })
    }
}

/// The schema of `T`, with every field optional, and null where that removes one.
impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Update{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        schema.insert(
            "description".to_owned(),
            "A JSON merge patch: an absent field stays as it is, null removes it.".into(),
        );
        schema.insert(IS_PATCH.to_owned(), true.into());
        let required = schema.remove("required");
        let is_required = |name: &str| {
            let names = required.as_ref().and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|required| required == name))
        };
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if let Some(property) = property.as_object_mut() {
                property.remove("default");
            }
            if !is_required(name) {
                make_nullable(property);
            }
        }
        schema
    }
}

fn make_nullable(schema: &mut Value) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) if types.contains(&json!("null")) => {}
        Some(kind @ Value::String(_)) => *kind = json!([kind.clone(), "null"]),
        _ => *schema = json!({"anyOf": [schema.clone(), {"type": "null"}]}),
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7396, appendix A.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn patches_are_merged_as_the_standard_says() {
        for (original, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut merged = original.clone();
            merge(&mut merged, &patch);
            assert_eq!(merged, result, "{original} with {patch}");
        }
    }
}
