//! Workspaces. A workspace is its own partition: its partition key is its id ("self" strategy).

pub mod http;
pub mod service;
pub mod contents;
pub mod deletion;
pub mod reopening;

use crate::id::WorkspaceId;
use crate::members::{self as member, Member, MemberError, Members, Role, StoredMember};
use cosmos_store::change::Revised;
use cosmos_store::item::{DocType, Item};
use cosmos_store::write::WriteId;
use deserr::Deserr;
use rest::identity::{Caller, UserId};
use rest::text::{Description, Name};
use rest::timestamp::Timestamp;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What callers write of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Workspace")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
pub struct WorkspaceFields {
    /// 1 to 200 characters.
    pub name: Name,
    /// At most 2,000 characters, or null.
    #[serde(default)]
    #[deserr(default)]
    pub description: Option<Description>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredWorkspace {
    pub id: WorkspaceId,
    doc_type: DocType<Self>,
    #[serde(flatten)]
    pub fields: WorkspaceFields,
    members: Vec<StoredMember>,
    pub created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// Whether an owner is deleting it: see [`OpenMarker`].
    #[serde(default)]
    closing: bool,
    /// The request that wrote this version.
    pub revision: WriteId,
}

/// Is there while things may be made in the workspace. Batches that make one require it.
///
/// Deleting a workspace first removes the marker, then looks for what is in it, and then deletes the
/// workspace, or puts the marker back. So nothing is made behind the deletion's back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenMarker {
    id: String,
    doc_type: DocType<Self>,
}

/// A workspace as callers see it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    pub id: WorkspaceId,
    #[serde(flatten)]
    fields: WorkspaceFields,
    members: Vec<Member>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl StoredWorkspace {
    /// A new workspace, owned by the caller.
    #[must_use]
    pub fn create(
        id: WorkspaceId,
        fields: WorkspaceFields,
        caller: &Caller,
        now: Timestamp,
        write: WriteId,
    ) -> Self {
        Self {
            id,
            doc_type: DocType::default(),
            fields,
            members: vec![StoredMember {
                user_id: caller.id.clone(),
                role: Role::Owner,
            }],
            created_at: now,
            updated_at: None,
            closing: false,
            revision: write,
        }
    }

    /// The workspace with other fields, changed now by the request `write`.
    #[must_use]
    pub fn changed(self, fields: WorkspaceFields, write: WriteId) -> Self {
        Self {
            fields,
            updated_at: Some(Timestamp::now()),
            revision: write,
            ..self
        }
    }

    /// Whether nobody has changed it since it was made.
    #[must_use]
    pub fn is_as_created(&self) -> bool {
        self.updated_at.is_none()
    }

    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    #[must_use]
    pub fn with_closing(self, closing: bool, write: WriteId) -> Self {
        Self {
            closing,
            revision: write,
            ..self
        }
    }

    /// Who its members are, at the time it was read.
    #[must_use]
    pub fn roles(&self) -> Members {
        Members::of(self.id, &self.members)
    }

    #[must_use]
    pub fn has_member(&self, user: &UserId) -> bool {
        self.members.iter().any(|member| member.user_id == *user)
    }

    /// Gives a user a role. Returns whether they were no member before.
    pub fn save_member(
        &mut self,
        member: StoredMember,
        now: Timestamp,
        write: WriteId,
    ) -> Result<bool, MemberError> {
        let is_new = member::save(&mut self.members, member)?;
        self.updated_at = Some(now);
        self.revision = write;
        Ok(is_new)
    }

    pub fn remove_member(
        &mut self,
        user: &UserId,
        now: Timestamp,
        write: WriteId,
    ) -> Result<(), MemberError> {
        member::remove(&mut self.members, user)?;
        self.updated_at = Some(now);
        self.revision = write;
        Ok(())
    }
}

impl OpenMarker {
    pub const ID: &'static str = "open";
}

impl Default for OpenMarker {
    fn default() -> Self {
        Self {
            id: Self::ID.to_owned(),
            doc_type: DocType::default(),
        }
    }
}

impl Item for OpenMarker {
    const DOC_TYPE: &'static str = "openMarker";

    fn id(&self) -> String {
        self.id.clone()
    }
}

impl Revised for StoredWorkspace {
    fn revision(&self) -> WriteId {
        self.revision
    }
}

impl Item for StoredWorkspace {
    const DOC_TYPE: &'static str = "workspace";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl From<StoredWorkspace> for Workspace {
    fn from(stored: StoredWorkspace) -> Self {
        Self {
            id: stored.id,
            fields: stored.fields,
            members: stored.members.into_iter().map(Member::from).collect(),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
