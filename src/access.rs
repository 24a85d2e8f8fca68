//! Who may reach which partition.
//!
//! A [`WorkspaceScope`] is the only key to a workspace partition, a [`UserScope`] to a user's own, and only this file
//! makes one. Services cannot forget the check: without a scope there is nothing to call.

use crate::error::Denied;
use crate::id::WorkspaceId;
use crate::members::{Role, StoredMember};
use cosmos_store::scope::{Scope, WriteScope};
use rest::identity::{Caller, UserId};
use std::borrow::Cow;
use std::marker::PhantomData;

/// The right to work in one workspace partition at level `L`.
#[derive(Debug)]
pub struct WorkspaceScope<L> {
    workspace_id: WorkspaceId,
    level: PhantomData<fn() -> L>,
}

/// What a caller may do. A handler names the level it needs, as in `Call<CanEdit>`.
pub trait Level {
    /// The lowest role that grants it.
    const NEEDED: Role;
}

/// Levels a member's role grants.
pub trait MemberLevel: Level {}

/// Levels that allow writing.
pub trait WriteLevel {}

/// Signed in; not necessarily a member of anything.
#[derive(Debug)]
pub struct AnyCaller;
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
/// Looks at the workspace and its members before the caller is checked, which is what the check needs.
#[derive(Debug)]
pub struct BeforeCheck;
/// Brings the lists of members up to date.
#[derive(Debug)]
pub struct CanFollow;
/// Does the rest of a move that an editor of both workspaces began.
#[derive(Debug)]
pub struct CanFinishMove;
/// Does the rest of a deletion that an owner of the workspace began.
#[derive(Debug)]
pub struct CanFinishDeletion;

impl Level for AnyCaller {
    const NEEDED: Role = Role::Viewer;
}
impl Level for CanView {
    const NEEDED: Role = Role::Viewer;
}
impl Level for CanEdit {
    const NEEDED: Role = Role::Editor;
}
impl Level for CanOwn {
    const NEEDED: Role = Role::Owner;
}
impl Level for CanLeave {
    const NEEDED: Role = Role::Viewer;
}

impl MemberLevel for CanView {}
impl MemberLevel for CanEdit {}
impl MemberLevel for CanOwn {}
impl MemberLevel for CanLeave {}

impl WriteLevel for CanLeave {}
impl WriteLevel for BeforeCheck {}
impl WriteLevel for CanFollow {}
impl WriteLevel for CanFinishMove {}
impl WriteLevel for CanFinishDeletion {}
impl WriteLevel for CanEdit {}
impl WriteLevel for CanOwn {}

impl<L> Scope for WorkspaceScope<L> {
    fn partition(&self) -> Cow<'static, str> {
        self.workspace_id.to_string().into()
    }
}

impl<L: WriteLevel> WriteScope for WorkspaceScope<L> {}

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
    /// The check: a scope if the caller is a member whose role grants `L`.
    pub fn authorise(id: WorkspaceId, role: Option<Role>) -> Result<Self, Denied> {
        match role {
            None => Err(Denied::NotAMember),
            Some(role) if role < L::NEEDED => Err(Denied::RoleTooLow { needed: L::NEEDED }),
            Some(_) => Ok(Self::of(id)),
        }
    }
}

impl WorkspaceScope<BeforeCheck> {
    /// For the workspace's own items alone: see `workspaces::stored` and `members::cache`.
    #[must_use]
    pub(crate) fn unchecked(id: WorkspaceId) -> Self {
        Self::of(id)
    }
}

impl WorkspaceScope<CanFollow> {
    /// For the item of a member: see `members::follow`.
    #[must_use]
    pub(crate) fn of_member(id: WorkspaceId) -> Self {
        Self::of(id)
    }
}

impl WorkspaceScope<CanFinishMove> {
    /// A workspace of a move. Its editor was checked when the move began; only what that left behind asks for this.
    #[must_use]
    pub(crate) fn of_move(workspace_id: WorkspaceId) -> Self {
        Self::of(workspace_id)
    }
}

impl WorkspaceScope<CanFinishDeletion> {
    /// A workspace that an owner is deleting: see `workspaces::deletion`.
    #[must_use]
    pub(crate) fn of_deletion(id: WorkspaceId) -> Self {
        Self::of(id)
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
    pub fn authorise(id: WorkspaceId, role: Option<Role>) -> Self {
        Self {
            scope: WorkspaceScope::of(id),
            is_member: role.is_some(),
        }
    }

    #[must_use]
    pub fn is_member(&self) -> bool {
        self.is_member
    }
}

/// The partition of one user: their profile and the list of their workspaces.
#[derive(Debug)]
pub struct UserScope(UserId);

impl UserScope {
    /// The caller's own.
    #[must_use]
    pub fn of_caller(caller: &Caller) -> Self {
        Self(caller.id.clone())
    }

    /// For the list of this member's workspaces: see `members::follow`.
    #[must_use]
    pub(crate) fn of_member(member: &StoredMember) -> Self {
        Self(member.user_id.clone())
    }

    /// For a profile that is looked for by its email address, or kept where profiles were before: see `users`.
    #[must_use]
    pub(crate) fn of_profile(user: &UserId) -> Self {
        Self(user.clone())
    }
}

impl Scope for UserScope {
    fn partition(&self) -> Cow<'static, str> {
        self.0.item_id().into()
    }
}

impl WriteScope for UserScope {}
