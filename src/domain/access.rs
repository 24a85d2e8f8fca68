//! Who may reach a workspace partition.
//!
//! A [`WorkspaceScope`] is the only key to a workspace partition, and only the checks in this file
//! make one. Services cannot forget the check: without a scope there is nothing to call.

use super::caller::Caller;
use super::id::WorkspaceId;
use super::member::{Members, Role};
use super::movement::Intent;
use super::project::{StoredProject, Visibility};
use super::workspace::StoredWorkspace;
use std::marker::PhantomData;

/// Why a caller got no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Answered as if the workspace did not exist.
    NotAMember,
    RoleTooLow {
        needed: Role,
    },
}

/// The right to work in one workspace partition at level `L`.
#[derive(Debug)]
pub struct WorkspaceScope<L> {
    workspace_id: WorkspaceId,
    level: PhantomData<L>,
}

/// Levels a member's role grants.
pub trait MemberLevel {
    const NEEDED: Role;
}

/// Levels that allow writing.
pub trait WriteLevel {}

#[derive(Debug)]
pub struct CanView;
#[derive(Debug)]
pub struct CanEdit;
#[derive(Debug)]
pub struct CanOwn;
/// Ends the caller's own membership, which every member may.
#[derive(Debug)]
pub struct CanLeave;
/// Reads single projects, as any signed-in caller may: see [`ProjectReader`].
#[derive(Debug)]
pub struct CanReadPublic;

/// Does the rest of a move that an editor of both workspaces began.
#[derive(Debug)]
pub struct CanFinishMove;
/// Does the rest of a deletion that an owner of the workspace began.
#[derive(Debug)]
pub struct CanFinishDeletion;

impl MemberLevel for CanView {
    const NEEDED: Role = Role::Viewer;
}
impl MemberLevel for CanEdit {
    const NEEDED: Role = Role::Editor;
}
impl MemberLevel for CanOwn {
    const NEEDED: Role = Role::Owner;
}
impl MemberLevel for CanLeave {
    const NEEDED: Role = Role::Viewer;
}
impl WriteLevel for CanLeave {}
impl WriteLevel for CanFinishMove {}
impl WriteLevel for CanFinishDeletion {}
impl WriteLevel for CanEdit {}
impl WriteLevel for CanOwn {}

impl<L> WorkspaceScope<L> {
    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id
    }

    fn of(workspace_id: WorkspaceId) -> Self {
        Self {
            workspace_id,
            level: PhantomData,
        }
    }
}

impl<L: MemberLevel> WorkspaceScope<L> {
    /// The check: a scope when the caller is a member whose role grants `L`.
    pub fn authorise(members: &Members, caller: &Caller) -> Result<Self, Denied> {
        match members.role_of(&caller.id) {
            None => Err(Denied::NotAMember),
            Some(role) if role < L::NEEDED => Err(Denied::RoleTooLow { needed: L::NEEDED }),
            Some(_) => Ok(Self::of(members.workspace_id())),
        }
    }
}

/// The two workspaces of a move. Only what its beginning left behind makes this.
#[derive(Debug)]
pub struct MoveScopes {
    pub from: WorkspaceScope<CanFinishMove>,
    pub to: WorkspaceScope<CanFinishMove>,
}

impl MoveScopes {
    /// `None` when the project is not marked.
    #[must_use]
    pub fn of(project: &StoredProject) -> Option<Self> {
        let mark = project.mark()?;
        Some(Self {
            from: WorkspaceScope::of(project.workspace_id()),
            to: WorkspaceScope::of(mark.to),
        })
    }
}

impl WorkspaceScope<CanFinishMove> {
    /// The workspace a move began in.
    #[must_use]
    pub fn of_intent(intent: &Intent) -> Self {
        Self::of(intent.from)
    }
}

impl WorkspaceScope<CanFinishDeletion> {
    /// `None` when nobody deletes the workspace.
    #[must_use]
    pub fn of_closing(workspace: &StoredWorkspace) -> Option<Self> {
        workspace.is_closing().then(|| Self::of(workspace.id))
    }
}

/// Reads single projects for a caller: all of them for a member, public ones for anybody else.
#[derive(Debug)]
pub struct ProjectReader {
    pub scope: WorkspaceScope<CanReadPublic>,
    is_member: bool,
}

impl ProjectReader {
    #[must_use]
    pub fn authorise(members: &Members, caller: &Caller) -> Self {
        Self {
            scope: WorkspaceScope::of(members.workspace_id()),
            is_member: members.role_of(&caller.id).is_some(),
        }
    }

    #[must_use]
    pub fn is_member(&self) -> bool {
        self.is_member
    }

    /// Whether this caller may see the project.
    #[must_use]
    pub fn may_read(&self, project: &StoredProject) -> bool {
        self.is_member || project.visibility == Visibility::Public
    }
}
