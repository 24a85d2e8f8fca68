//! Workspaces. A workspace is its own partition: its partition key is its id ("self" strategy).

use super::caller::{Caller, UserId};
use super::fields::{Body, Change, Fields, Violation};
use super::id::WorkspaceId;
use super::item::{DocType, Item};
use super::member::{self, Member, MemberError, Role};
use super::text::{Description, Name};
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What callers say about a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkspaceFields {
    /// 1 to 200 characters.
    pub name: Name,
    /// At most 2,000 characters, or null.
    #[serde(default)]
    pub description: Option<Description>,
}

#[derive(Debug)]
pub struct CreateWorkspace(pub WorkspaceFields);

/// A JSON merge patch: what is absent stays as it is.
#[derive(Debug)]
pub struct UpdateWorkspace {
    name: Option<Name>,
    description: Change<Description>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredWorkspace {
    pub id: WorkspaceId,
    partition_key: WorkspaceId,
    doc_type: DocType<Self>,
    #[serde(flatten)]
    fields: WorkspaceFields,
    members: Vec<Member>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// A workspace as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    pub id: WorkspaceId,
    #[serde(flatten)]
    fields: WorkspaceFields,
    members: Vec<Member>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl Body for CreateWorkspace {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let name = fields.required("name");
        let description = fields.nullable("description");
        fields.finish(name.map(|name| Self(WorkspaceFields { name, description })))
    }
}

impl Body for UpdateWorkspace {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let update = Self {
            name: fields.optional("name"),
            description: fields.change("description"),
        };
        fields.finish(Some(update))
    }
}

impl UpdateWorkspace {
    /// Returns the changed workspace; `updated_at` moves to `now`.
    #[must_use]
    pub fn apply(&self, mut workspace: StoredWorkspace, now: Timestamp) -> StoredWorkspace {
        if let Some(name) = &self.name {
            workspace.fields.name = name.clone();
        }
        self.description.apply(&mut workspace.fields.description);
        workspace.updated_at = Some(now);
        workspace
    }

    /// An empty patch changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.description.is_keep()
    }
}

impl StoredWorkspace {
    /// A new workspace, owned by the caller.
    #[must_use]
    pub fn create(
        id: WorkspaceId,
        CreateWorkspace(fields): CreateWorkspace,
        caller: &Caller,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            partition_key: id,
            doc_type: DocType::default(),
            fields,
            members: vec![Member {
                user_id: caller.id.clone(),
                role: Role::Owner,
            }],
            created_at: now,
            updated_at: None,
        }
    }

    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Gives a user a role. Returns whether they were no member before.
    pub fn save_member(&mut self, member: Member, now: Timestamp) -> Result<bool, MemberError> {
        let is_new = member::save(&mut self.members, member)?;
        self.updated_at = Some(now);
        Ok(is_new)
    }

    pub fn remove_member(&mut self, user: &UserId, now: Timestamp) -> Result<(), MemberError> {
        member::remove(&mut self.members, user)?;
        self.updated_at = Some(now);
        Ok(())
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
            members: stored.members,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
