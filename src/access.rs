//! Who may reach a workspace partition.
//!
//! A [`WorkspaceScope`] is the only key to a workspace partition, and only the checks in this file
//! make one. Services cannot forget the check: without a scope there is nothing to call.

use crate::error::{Denied, NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::{Members, Role};
use crate::workspaces::StoredWorkspace;
use cosmos_store::change::Decision;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::scope::{Scope, WriteScope};
use cosmos_store::write::WriteId;
use rest::identity::Caller;
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

/// The partition of a workspace before the caller is checked. Only this file makes one.
struct Unchecked(WorkspaceId);

impl Scope for Unchecked {
    fn partition(&self) -> Cow<'static, str> {
        self.0.to_string().into()
    }
}

impl WriteScope for Unchecked {}

/// Who asks for a change, and by which request.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub items: &'a Items,
    pub caller: &'a Caller,
    pub write: WriteId,
}

/// Reads the workspace itself, for the check that makes a scope of it.
pub async fn read_workspace(
    items: &Items,
    id: WorkspaceId,
) -> Result<Option<Versioned<StoredWorkspace>>, StorageError> {
    items.read(&Unchecked(id), &id.to_string()).await
}

/// Changes the workspace itself. The caller's role is checked in every version that `decide` is asked about.
pub async fn change_workspace<L: MemberLevel + WriteLevel>(
    by: Signed<'_>,
    id: WorkspaceId,
    mut decide: impl FnMut(
        Versioned<StoredWorkspace>,
    ) -> Result<Decision<StoredWorkspace>, ServiceError>,
) -> Result<Versioned<StoredWorkspace>, ServiceError> {
    let checked = |latest: Option<Versioned<StoredWorkspace>>| {
        let latest = latest.ok_or(NO_WORKSPACE)?;
        WorkspaceScope::<L>::authorise(&latest.item.roles(), by.caller)?;
        decide(latest)
    };
    let (partition, id) = (Unchecked(id), id.to_string());
    let changed = by.items.change(&partition, &id, by.write, checked).await?;
    Ok(changed.latest)
}

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

impl WorkspaceScope<CanFinishMove> {
    /// A workspace of a move. Its editor was checked when the move began; only what that left behind asks for this.
    #[must_use]
    pub(crate) fn of_move(workspace_id: WorkspaceId) -> Self {
        Self::of(workspace_id)
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
}
