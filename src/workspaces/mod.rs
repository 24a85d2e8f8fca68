//! Workspaces. A workspace is its own partition: its partition key is its id ("self" strategy).

pub mod http;
pub mod service;
pub mod contents;
pub mod deletion;
mod earlier;
pub(crate) mod reconciliation;
pub mod reopening;
pub(crate) mod stored;

use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::{MAX_OWNERS, Membership, Role};
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

/// A workspace as it is stored. Unknown properties are dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredWorkspace {
    pub id: WorkspaceId,
    doc_type: DocType<Self>,
    #[serde(flatten)]
    pub fields: WorkspaceFields,
    /// Absent in the layout of before, in which `members` says who is a member: see `earlier`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owners: Option<Vec<UserId>>,
    /// The owners, for the release before, which reads all members here.
    #[serde(default)]
    members: Vec<EarlierMember>,
    pub created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// Whether an owner is deleting it: see [`OpenMarker`].
    #[serde(default)]
    closing: bool,
    /// When it was deleted. It is kept until the last membership has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    /// The request that wrote this version.
    pub revision: WriteId,
}

/// A member where they were stored before they had an item of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EarlierMember {
    user_id: UserId,
    role: Role,
}

/// Is there while something may be made in the workspace. Batches that make something require it.
///
/// Deleting a workspace first removes the marker, then looks for what is in it, and then deletes the
/// workspace, or puts the marker back. So nothing is made behind the deletion's back. Unknown properties are dropped
/// when it is written.
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
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// A workspace in the list of those the caller belongs to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyWorkspace {
    id: WorkspaceId,
    /// As it was when the caller last opened the workspace.
    name: Name,
    /// What the caller may do there.
    role: Role,
    /// Since when the caller is a member.
    since: Timestamp,
}

impl StoredWorkspace {
    /// A new workspace, owned by the caller.
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
            owners: None,
            members: Vec::new(),
            created_at: now,
            updated_at: None,
            closing: false,
            deleted_at: None,
            revision: write,
        }
        .owned_by(vec![caller.id.clone()])
    }

    fn owned_by(self, owners: Vec<UserId>) -> Self {
        let member = |owner: &UserId| EarlierMember {
            user_id: owner.clone(),
            role: Role::Owner,
        };
        Self {
            members: owners.iter().map(member).collect(),
            owners: Some(owners),
            ..self
        }
    }

    /// The workspace with other fields, changed now by the request `write`.
    pub fn changed(self, fields: WorkspaceFields, write: WriteId) -> Self {
        Self {
            fields,
            updated_at: Some(Timestamp::now()),
            revision: write,
            ..self
        }
    }

    /// Whether nobody has changed it since it was made.
    pub fn is_as_created(&self) -> bool {
        self.updated_at.is_none()
    }

    pub fn is_closing(&self) -> bool {
        self.closing
    }

    pub fn with_closing(self, closing: bool, write: WriteId) -> Self {
        Self {
            closing,
            revision: write,
            ..self
        }
    }

    /// Deleted now, and for good.
    pub fn deleted(self, write: WriteId) -> Self {
        Self {
            deleted_at: Some(Timestamp::now()),
            revision: write,
            ..self
        }
    }

    pub fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    pub fn owners(&self) -> &[UserId] {
        self.owners.as_deref().unwrap_or_default()
    }

    /// The workspace after `user` got this role, or none; `None` if its owners stay the same.
    ///
    /// # Errors
    /// [`ServiceError::LastOwner`] and [`ServiceError::TooManyOwners`].
    pub fn with_member(
        &self,
        user: &UserId,
        role: Option<Role>,
        write: WriteId,
    ) -> Result<Option<Self>, ServiceError> {
        let mut owners = self.owners().to_vec();
        let was_owner = owners.contains(user);
        let is_owner = role == Some(Role::Owner);
        if was_owner == is_owner {
            return Ok(None);
        }
        if is_owner {
            owners.push(user.clone());
        } else {
            owners.retain(|owner| owner != user);
        }
        match owners.len() {
            0 => Err(ServiceError::LastOwner),
            count if count > MAX_OWNERS && is_owner => Err(ServiceError::TooManyOwners),
            _ => Ok(Some(Self {
                revision: write,
                ..self.clone().owned_by(owners)
            })),
        }
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
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

impl MyWorkspace {
    /// `None` if the membership has ended.
    fn of(membership: Membership) -> Option<Self> {
        Some(Self {
            id: membership.workspace_id,
            name: membership.name?,
            role: membership.role?,
            since: membership.created_at,
        })
    }
}
