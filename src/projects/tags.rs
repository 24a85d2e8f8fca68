//! Tags of a project.

use deserr::{Deserr, IntoValue, Sequence, Value, ValuePointerRef};
use rest::string_schema;
use rest::text::{NAME_PATTERN, Tag};
use rest::violations::{Violations, wrong};
use serde::{Deserialize, Serialize};

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

impl Deserr<Violations> for Tags {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let Value::Sequence(values) = value else {
            return Vec::<Tag>::deserialize_from_value(value, location).map(Self);
        };
        if values.len() > MAX_TAGS {
            let detail = format!("must have at most {MAX_TAGS} tags, not {}", values.len());
            return Err(wrong(location, detail));
        }
        let (mut tags, mut violations) = (Vec::new(), None);
        for (index, value) in values.into_iter().enumerate() {
            let at = location.push_index(index);
            let found = match Tag::deserialize_from_value(value.into_value(), at) {
                Ok(tag) if tags.contains(&tag) => wrong(at, "repeats a tag".to_owned()),
                Ok(tag) => {
                    tags.push(tag);
                    continue;
                }
                Err(found) => found,
            };
            violations = Some(found.after(violations));
        }
        violations.map_or(Ok(Self(tags)), Err)
    }
}
