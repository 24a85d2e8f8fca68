//! Tags of a project.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use rest::string_schema;
use rest::text::{NAME_PATTERN, Tag};
use rest::violations::{Violations, read_array, wrong};
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
        let tags = read_array(value, location, 0..=MAX_TAGS, |before, tag: &Tag, at| {
            let repeats = before.contains(tag);
            repeats.then(|| wrong(at, "repeats a tag".to_owned()))
        });
        tags.map(Self)
    }
}
