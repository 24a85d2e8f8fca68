//! Members of a workspace and their roles.

pub mod http;
pub mod service;
pub mod cache;

use crate::id::WorkspaceId;
use deserr::Deserr;
use rest::identity::UserId;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The members are a part of the workspace's item, which Cosmos DB limits to 2 MB.
pub const MAX_MEMBERS: usize = 1_000;

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMember {
    pub user_id: UserId,
    pub role: Role,
}

/// A member as callers see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    #[serde(with = "rest::identity::shown")]
    #[schemars(with = "UserId")]
    pub user_id: UserId,
    pub role: Role,
}

impl From<StoredMember> for Member {
    fn from(StoredMember { user_id, role }: StoredMember) -> Self {
        Self { user_id, role }
    }
}

/// The body that gives somebody a role.
#[derive(Debug, Deserr, JsonSchema)]
#[deserr(error = Violations, deny_unknown_fields)]
pub struct SaveMember {
    pub role: Role,
}

/// Why the members stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberError {
    /// Somebody must be able to change the workspace.
    LastOwner,
    /// There are [`MAX_MEMBERS`] already.
    TooMany,
    NotAMember,
}

/// Who the members of one workspace are.
#[derive(Debug)]
pub struct Members {
    workspace_id: WorkspaceId,
    roles: HashMap<UserId, Role>,
}

impl Members {
    #[must_use]
    pub fn of(workspace_id: WorkspaceId, members: &[StoredMember]) -> Self {
        Self {
            workspace_id,
            roles: members
                .iter()
                .map(|member| (member.user_id.clone(), member.role))
                .collect(),
        }
    }

    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id
    }

    #[must_use]
    pub fn role_of(&self, user: &UserId) -> Option<Role> {
        self.roles.get(user).copied()
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.roles.len()
    }
}

/// Gives a user a role. Returns whether they were no member before.
pub(crate) fn save(
    members: &mut Vec<StoredMember>,
    member: StoredMember,
) -> Result<bool, MemberError> {
    let found = members.iter_mut().find(|m| m.user_id == member.user_id);
    let Some(found) = found else {
        if members.len() >= MAX_MEMBERS {
            return Err(MemberError::TooMany);
        }
        members.push(member);
        return Ok(true);
    };
    let before = std::mem::replace(&mut found.role, member.role);
    if has_owner(members) {
        return Ok(false);
    }
    save(
        members,
        StoredMember {
            role: before,
            ..member
        },
    )?;
    Err(MemberError::LastOwner)
}

pub(crate) fn remove(members: &mut Vec<StoredMember>, user: &UserId) -> Result<(), MemberError> {
    let at = members.iter().position(|member| member.user_id == *user);
    let removed = members.remove(at.ok_or(MemberError::NotAMember)?);
    if has_owner(members) {
        return Ok(());
    }
    members.push(removed);
    Err(MemberError::LastOwner)
}

fn has_owner(members: &[StoredMember]) -> bool {
    members.iter().any(|member| member.role == Role::Owner)
}
