//! A membership in its user's own partition.

use super::role::Role;
use crate::id::WorkspaceId;
use cosmos_store::item::{DocType, Item};
use rest::list::Listed;
use rest::text::Name;
use rest::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// How long the end of a membership is remembered, in seconds: longer than any request takes that may still write
/// what was before.
const REMEMBERED: u32 = 24 * 60 * 60;

/// What a user's own partition says of their membership in one workspace. Unknown properties are dropped when it is
/// written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    id: String,
    doc_type: DocType<Self>,
    pub workspace_id: WorkspaceId,
    /// Absent if it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The workspace's name when it was last looked at. Absent if the membership has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    pub created_at: Timestamp,
    /// Cosmos DB deletes it after so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
}

/// Memberships can only be paged through.
impl Listed for Membership {}

impl Membership {
    pub fn id_of(workspace_id: WorkspaceId) -> String {
        format!("membership:{workspace_id}")
    }

    /// A membership in the workspace with this name; without a role, one that has ended.
    pub fn new(workspace_id: WorkspaceId, as_what: Option<(Role, Name)>, since: Timestamp) -> Self {
        let ttl = as_what.is_none().then_some(REMEMBERED);
        let (role, name) = as_what.unzip();
        Self {
            id: Self::id_of(workspace_id),
            doc_type: DocType::default(),
            workspace_id,
            role,
            name,
            created_at: since,
            ttl,
        }
    }
}

impl Item for Membership {
    const DOC_TYPE: &'static str = "membership";

    fn id(&self) -> String {
        self.id.clone()
    }
}
