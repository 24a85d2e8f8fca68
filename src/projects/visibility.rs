//! Who may read a project.

use rest::fields::{FieldValue, Violation, must_be};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who may read a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// Members of the workspace.
    #[default]
    Private,
    /// Any signed-in caller who knows its id or slug.
    Public,
}

impl Visibility {
    /// Returns the visibility, or what is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            _ => Err("must be `public` or `private`".to_owned()),
        }
    }
}

impl FieldValue for Visibility {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let read = match json {
            Value::String(text) => Self::from_text(&text),
            other => Err(must_be("a string", &other)),
        };
        read.map_err(|detail| vec![Violation::new("", detail)])
    }
}
