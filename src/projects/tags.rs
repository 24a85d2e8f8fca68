//! What projects are found by.

use rest::fields::{FieldValue, Violation, must_be};
use rest::string_schema;
use rest::text::{NAME_PATTERN, Tag};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const MAX_TAGS: usize = 20;

/// At most 20 tags, no two the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

string_schema!(Tags, {
    "type": "array", "maxItems": MAX_TAGS, "uniqueItems": true,
    "items": {"type": "string", "minLength": 1, "maxLength": 50, "pattern": NAME_PATTERN},
    "examples": [["engine", "1837"]],
});

impl FieldValue for Tags {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let Value::Array(values) = json else {
            return Err(vec![Violation::new("", must_be("an array", &json))]);
        };
        if values.len() > MAX_TAGS {
            let detail = format!("must have at most {MAX_TAGS} tags, not {}", values.len());
            return Err(vec![Violation::new("", detail)]);
        }
        let mut tags = Vec::with_capacity(values.len());
        let mut violations = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let at = |detail: String| Violation::new(format!("/{index}"), detail);
            match Tag::parse(value) {
                Ok(tag) if tags.contains(&tag) => violations.push(at("repeats a tag".to_owned())),
                Ok(tag) => tags.push(tag),
                Err(found) => violations.extend(found.into_iter().map(|v| at(v.detail))),
            }
        }
        if violations.is_empty() {
            Ok(Self(tags))
        } else {
            Err(violations)
        }
    }
}
