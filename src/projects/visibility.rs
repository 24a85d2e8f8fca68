//! Who may read a project.

use deserr::Deserr;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may read a project.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Violations, rename_all = camelCase)]
pub enum Visibility {
    /// Members of the workspace.
    #[default]
    Private,
    /// Any signed-in caller who knows its id or slug.
    Public,
}
