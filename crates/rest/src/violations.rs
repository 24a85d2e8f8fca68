//! What is wrong with a request body: every violation in one answer, each with a pointer to its field.
//!
//! `serde` stops at the first field that does not fit, so bodies are read by `deserr`. A type that callers send
//! derives [`Deserr`] with `#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]`.

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, Sequence, ValueKind,
    ValuePointerRef,
};
use serde_json::Value;
use std::ops::{ControlFlow, RangeInclusive};

/// Violations named in one answer; a body with thousands of unknown fields gets this many.
const MAX_VIOLATIONS: usize = 100;
/// Characters of an unknown field's name that are repeated to the caller.
const MAX_NAME_SHOWN: usize = 100;

/// One thing wrong with a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// RFC 6901 JSON pointer to the field; empty for the whole body.
    pub(crate) pointer: String,
    /// The detail of a violation, to be read after the name of the value.
    pub(crate) detail: String,
}

/// Everything that is wrong with a request body: 1 to 100 violations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The only violation of a body.
    pub fn one(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self(vec![Violation {
            pointer: pointer.into(),
            detail: detail.into(),
        }])
    }

    /// The same violations of a value that stands at `pointer` in a larger body.
    pub fn under(mut self, pointer: &str) -> Self {
        for violation in &mut self.0 {
            violation.pointer.insert_str(0, pointer);
        }
        self
    }

    /// One by one.
    pub(crate) fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// The violations, after `earlier` ones.
    pub fn after(mut self, earlier: Option<Self>) -> Self {
        let mut all = earlier.map_or_else(Vec::new, Self::into_vec);
        all.append(&mut self.0);
        all.truncate(MAX_VIOLATIONS);
        Self(all)
    }

    /// Those whose pointer fits; `None` if there are none.
    pub(crate) fn filter(mut self, fits: impl Fn(&str) -> bool) -> Option<Self> {
        self.0.retain(|violation| fits(&violation.pointer));
        Some(self).filter(|violations| !violations.0.is_empty())
    }
}

/// Returns the value that `json` stands for.
///
/// # Errors
/// Every violation in it.
pub fn read<T: Deserr<Violations>>(json: Value) -> Result<T, Violations> {
    deserr::deserialize(json)
}

/// Returns the value that `text` stands for, as a string or, as in `true`, by itself; or what is wrong with it.
pub(crate) fn read_text<T: Deserr<Violations>>(text: &str) -> Result<T, String> {
    let read_bare = |wrong| match serde_json::from_str(text) {
        Ok(bare @ (Value::Bool(_) | Value::Number(_))) => read(bare),
        _ => Err(wrong),
    };
    read(text.into())
        .or_else(read_bare)
        .map_err(|Violations(mut wrong)| wrong.swap_remove(0).detail)
}

/// The error that says of the value at `location` what is wrong with it.
pub fn wrong(location: ValuePointerRef, detail: String) -> Violations {
    Violations::one(pointer(location), detail)
}

/// Returns the elements of an array. How many there are is looked at before any is read. `check` is told the elements
/// before one, the one and where it is, and says what is wrong with it among them.
///
/// # Errors
/// Every violation in the array.
pub fn read_array<T: Deserr<Violations>, V: IntoValue>(
    value: deserr::Value<V>,
    location: ValuePointerRef,
    lengths: RangeInclusive<usize>,
    mut check: impl FnMut(&[T], &T, ValuePointerRef) -> Option<Violations>,
) -> Result<Vec<T>, Violations> {
    let deserr::Value::Sequence(values) = value else {
        return Vec::deserialize_from_value(value, location);
    };
    let (least, most, count) = (*lengths.start(), *lengths.end(), values.len());
    if !lengths.contains(&count) {
        let detail = format!("must have {least} to {most} elements, not {count}");
        return Err(wrong(location, detail));
    }
    let (mut elements, mut found) = (Vec::with_capacity(count), None);
    for (index, value) in values.into_iter().enumerate() {
        let at = location.push_index(index);
        let violations = match T::deserialize_from_value(value.into_value(), at) {
            Ok(element) => {
                let violations = check(&elements, &element, at);
                elements.push(element);
                violations
            }
            Err(violations) => Some(violations),
        };
        if let Some(violations) = violations {
            found = Some(violations.after(found));
        }
    }
    found.map_or(Ok(elements), Err)
}

impl DeserializeError for Violations {
    fn error<V: IntoValue>(
        earlier: Option<Self>,
        error: ErrorKind<V>,
        location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        let (field, detail) = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let expected = accepted
                    .first()
                    .map_or("another value", |kind| named(*kind));
                let found = named(actual.kind());
                (None, format!("must be {expected}, not {found}"))
            }
            ErrorKind::MissingField { field } => (Some(field), "is required".to_owned()),
            ErrorKind::UnknownKey { key, .. } => (Some(key), "is not a known field".to_owned()),
            ErrorKind::UnknownValue { accepted, .. } => (None, one_of(accepted)),
            ErrorKind::BadSequenceLen { expected, .. } => {
                (None, format!("must have {expected} elements"))
            }
            ErrorKind::Unexpected { msg } => (None, msg),
        };
        let pointer = match field {
            Some(field) => pointer(location.push_key(field)),
            None => pointer(location),
        };
        ControlFlow::Continue(Self::one(pointer, detail).after(earlier))
    }
}

impl MergeWithError<Violations> for Violations {
    fn merge(
        earlier: Option<Self>,
        more: Self,
        _location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        ControlFlow::Continue(more.after(earlier))
    }
}

/// What the checks of values find wrong, as in `#[deserr(try_from(&String) = Slug::parse -> String)]`.
impl MergeWithError<String> for Violations {
    fn merge(
        earlier: Option<Self>,
        detail: String,
        location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        ControlFlow::Continue(Self::one(pointer(location), detail).after(earlier))
    }
}

fn named(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer | ValueKind::NegativeInteger | ValueKind::Float => "a number",
        ValueKind::String => "a string",
        ValueKind::Sequence => "an array",
        ValueKind::Map => "an object",
    }
}

/// "must be `a`, `b` or `c`"
fn one_of(accepted: &[&str]) -> String {
    let quoted: Vec<_> = accepted.iter().map(|one| format!("`{one}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("must be {last}"),
        Some((last, others)) => format!("must be {} or {last}", others.join(", ")),
        None => "is not accepted".to_owned(),
    }
}

/// The JSON pointer to `location`.
pub(crate) fn pointer(location: ValuePointerRef) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            let shown: String = key.chars().take(MAX_NAME_SHOWN).collect();
            let escaped = shown.replace('~', "~0").replace('/', "~1");
            format!("{}/{escaped}", pointer(*prev))
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use serde_json::{Map, json};

    #[derive(Debug, PartialEq, Deserr)]
    #[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
    struct Sample {
        short_name: Text<1, 5>,
        title: Text<1, 5>,
        #[deserr(default)]
        notes: Vec<Text<1, 5>>,
    }

    fn found(json: Value) -> Vec<(String, String)> {
        let violations = read::<Sample>(json).unwrap_err().into_vec();
        let pairs = violations.into_iter().map(|v| (v.pointer, v.detail));
        let mut found: Vec<_> = pairs.collect();
        found.sort();
        found
    }

    #[test]
    fn every_violation_is_named_at_once() {
        let body = json!({"shortName": 7, "notes": ["fits", "too long"], "a/b~c": true});
        let expected = [
            ("/a~1b~0c", "is not a known field"),
            ("/notes/1", "must have 1 to 5 characters, not 8"),
            ("/shortName", "must be a string, not a number"),
            ("/title", "is required"),
        ];
        let expected = expected.map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned()));
        assert_eq!(found(body), expected);
    }

    #[test]
    fn a_flood_of_unknown_fields_is_answered_in_bounds() {
        let flood: Map<String, Value> = (0..10_000)
            .map(|n| (format!("{n}{}", "x".repeat(300)), Value::Null))
            .collect();
        let violations = found(flood.into());
        assert_eq!(violations.len(), MAX_VIOLATIONS);
        let shown = |pointer: &String| pointer.len() <= MAX_NAME_SHOWN + 1;
        assert!(violations.iter().all(|(pointer, _)| shown(pointer)));
    }
}
