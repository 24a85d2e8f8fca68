//! Roles in a workspace.

use deserr::Deserr;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member may do. Every role may do what the roles before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Violations, rename_all = camelCase)]
pub enum Role {
    /// Reads everything in the workspace.
    Viewer,
    /// Writes what is in it.
    Editor,
    /// Changes and deletes the workspace, and says who is a member.
    Owner,
}
