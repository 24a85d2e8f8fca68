//! Who may reach which partition.
//!
//! A [`WorkspaceScope`] is the only key to a workspace partition, a [`UserScope`] to a user's own, and only this file
//! makes one. Services cannot forget the check: without a scope there is nothing to call.

use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::Role;
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
/// What the app does on its own: looks at a workspace before the caller is checked, and does the rest of what a caller
/// with the right to it began.
#[derive(Debug)]
pub struct Internal;

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
impl WriteLevel for Internal {}
impl WriteLevel for CanEdit {}
impl WriteLevel for CanOwn {}

impl<L> Scope for WorkspaceScope<L> {
    fn partition(&self) -> Cow<'static, str> {
        self.workspace_id.to_string().into()
    }
}

impl<L: WriteLevel> WriteScope for WorkspaceScope<L> {}

impl<L> WorkspaceScope<L> {
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
    pub fn authorise(id: WorkspaceId, role: Option<Role>) -> Result<Self, ServiceError> {
        match role {
            None => Err(ServiceError::Hidden),
            Some(role) if role < L::NEEDED => Err(ServiceError::RoleTooLow(L::NEEDED)),
            Some(_) => Ok(Self::of(id)),
        }
    }
}

impl WorkspaceScope<Internal> {
    /// For the workspace's own items, its members' and those of moves, never for what a caller asks about.
    pub(crate) fn internal(id: WorkspaceId) -> Self {
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
    pub fn authorise(id: WorkspaceId, role: Option<Role>) -> Self {
        Self {
            scope: WorkspaceScope::of(id),
            is_member: role.is_some(),
        }
    }

    pub fn is_member(&self) -> bool {
        self.is_member
    }
}

/// The partition of one user: their profile and the list of their workspaces.
#[derive(Debug)]
pub struct UserScope(UserId);

impl UserScope {
    /// The caller's own.
    pub fn of_caller(caller: &Caller) -> Self {
        Self(caller.id.clone())
    }

    /// For the list of a member's workspaces, and for a profile that is looked for by its email address.
    pub(crate) fn of(user: &UserId) -> Self {
        Self(user.clone())
    }
}

impl Scope for UserScope {
    fn partition(&self) -> Cow<'static, str> {
        self.0.item_id().into()
    }
}

impl WriteScope for UserScope {}
