//! Members of a workspace.

use crate::access::{CanLeave, CanOwn, CanView, MemberLevel, WorkspaceScope, WriteLevel};
use crate::call::Call;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::follow::Following;
use crate::members::{Member, Role, SaveMember, StoredMember};
use crate::workspaces::reopening::{Settled, put_marker_back};
use crate::workspaces::{OpenMarker, StoredWorkspace, stored};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::{Attempts, Revised};
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::query::Query;
use rest::identity::UserId;
use rest::list::ListQuery;
use rest::page::Page;
use rest::precondition::Precondition;

const NO_MEMBER: ServiceError = ServiceError::NotFound("member");

/// Lists the members of a workspace.
pub async fn list(
    call: &Call<CanView>,
    workspace_id: WorkspaceId,
    query: &ListQuery<StoredMember>,
) -> Result<Page<Member>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let (_, scope) = call.open(workspace_id).await?;
    let place = ("members", workspace_id);
    let all = Query::<StoredMember>::new()?.having("role");
    let sql = query.query::<_, ServiceError>(all, &place)?;
    let limit = query.limit().plus_one();
    let found = call.items.query(&scope, sql, limit).await?;
    Ok(query.page(found, &place).filter_map(StoredMember::shown))
}

/// Reads a member.
pub async fn get(
    call: &Call<CanView>,
    workspace_id: WorkspaceId,
    user: &UserId,
) -> Result<Versioned<Member>, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_MEMBER);
    }
    let scope = call.authorise(workspace_id).await?;
    let id = StoredMember::id_of(user);
    let found = call.items.read::<StoredMember>(&scope, &id).await?;
    shown(found.ok_or(NO_MEMBER)?)
}

/// Makes a user a member, or gives a member another role. Returns whether they were none before.
pub async fn save(
    call: &Call<CanOwn>,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
    SaveMember { role }: &SaveMember,
) -> Result<(Versioned<Member>, bool), ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let change = Change {
        call,
        scope: &scope,
        user,
        role: Some(*role),
        by_owner: true,
    };
    let (member, is_new) = change.make(precondition).await?;
    Ok((shown(member.ok_or(NO_MEMBER)?)?, is_new))
}

/// Ends a membership: an owner may end anybody's, everybody their own.
pub async fn remove(
    call: &Call<CanLeave>,
    workspace_id: WorkspaceId,
    user: &UserId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    let scope = call.authorise(workspace_id).await?;
    let by_owner = *user != call.caller.id;
    if by_owner {
        WorkspaceScope::<CanOwn>::authorise(workspace_id, call.role(workspace_id).await?)?;
    }
    let change = Change {
        call,
        scope: &scope,
        user,
        role: None,
        by_owner,
    };
    change.make(precondition).await.map(drop)
}

fn shown(member: Versioned<StoredMember>) -> Result<Versioned<Member>, ServiceError> {
    let Versioned { item, etag } = member;
    let item = item.shown().ok_or(NO_MEMBER)?;
    Ok(Versioned { item, etag })
}

/// What a change of a member writes.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Marker,
    Workspace,
    Member,
}

/// A user gets a role, or the membership ends.
struct Change<'a, L> {
    call: &'a Call<L>,
    scope: &'a WorkspaceScope<L>,
    user: &'a UserId,
    role: Option<Role>,
    /// Whether the caller must own the workspace as it is read for the change.
    by_owner: bool,
}

/// The member as it is then, if there is an item of theirs, and whether they were none before.
type Changed = (Option<Versioned<StoredMember>>, bool);

/// What the attempts so far have shown.
#[derive(Default)]
struct Tried {
    may_have_written: bool,
    was_new: bool,
    /// Nobody knows yet whether this one was carried out.
    open_question: Option<ServiceError>,
}

impl<L: MemberLevel + WriteLevel> Change<'_, L> {
    async fn make(&self, precondition: &Precondition) -> Result<Changed, ServiceError> {
        let id = self.scope.workspace_id();
        let _forget = self.call.memberships.forget_after(id, self.user);
        let (mut attempts, mut tried) = (Attempts::default(), Tried::default());
        while attempts.next().await {
            if let Some(changed) = self.attempt(precondition, &mut tried).await? {
                return Ok(changed);
            }
        }
        Err(ServiceError::Contended)
    }

    /// Returns `None` if somebody else was faster, or if the next look has to tell what became of it.
    async fn attempt(
        &self,
        precondition: &Precondition,
        tried: &mut Tried,
    ) -> Result<Option<Changed>, ServiceError> {
        let (items, id) = (&self.call.items, self.scope.workspace_id());
        let workspace = stored::read(items, id).await?.ok_or(NO_WORKSPACE)?;
        let name = workspace.item.fields.name.clone();
        let mut following = Following::new(items, id, self.user);
        following.read_mirror().await?;
        let member = StoredMember::id_of(self.user);
        let latest = items.read::<StoredMember>(self.scope, &member).await?;
        if let Some(own) = latest.as_ref().filter(|latest| self.has_written(latest)) {
            let own = following.after(own.clone(), name).await;
            return Ok(Some((Some(own), tried.was_new)));
        }
        // Somebody has brought the list up to date, and with that deleted the item.
        if tried.may_have_written && latest.is_none() && self.role.is_none() {
            return Ok(Some((None, false)));
        }
        if let Some(error) = tried.open_question.take() {
            return Err(error);
        }
        let there = latest.as_ref().filter(|member| member.item.role.is_some());
        self.check(there, &workspace.item)?;
        precondition.check_if_any(there.map(|member| &member.etag))?;
        if let Some(same) = there.filter(|member| member.item.role == self.role) {
            return Ok(Some((Some(same.clone()), false)));
        }
        (tried.may_have_written, tried.was_new) = (true, there.is_none());
        match self.write(latest, workspace).await {
            Ok(changed) => {
                let changed = following.after(changed, name).await;
                return Ok(Some((Some(changed), tried.was_new)));
            }
            Err(ServiceError::Storage(error)) if error.is_overtaken() => {}
            Err(ServiceError::Storage(error)) if error.outcome_is_unknown() => {
                tried.open_question = Some(error.into());
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }

    /// Whether this very request has made the member what it is.
    fn has_written(&self, member: &Versioned<StoredMember>) -> bool {
        member.item.revision() == self.call.write() && member.item.role == self.role
    }

    /// Checks that there is somebody to remove, and that the caller still owns the workspace if need be.
    fn check(
        &self,
        there: Option<&Versioned<StoredMember>>,
        workspace: &StoredWorkspace,
    ) -> Result<(), ServiceError> {
        if there.is_none() && self.role.is_none() {
            return Err(NO_MEMBER);
        }
        if self.by_owner && !workspace.owners().contains(&self.call.caller.id) {
            return Err(ServiceError::RoleTooLow(Role::Owner));
        }
        Ok(())
    }

    /// Writes the member, and the workspace if its owners change. A new member may not get into a workspace that is
    /// being deleted: writing its marker excludes that.
    async fn write(
        &self,
        latest: Option<Versioned<StoredMember>>,
        workspace: Versioned<StoredWorkspace>,
    ) -> Result<Versioned<StoredMember>, ServiceError> {
        let write = self.call.write();
        let mut batch = Batch::new(self.scope);
        let is_member = latest
            .as_ref()
            .is_some_and(|latest| latest.item.role.is_some());
        if !is_member {
            batch = batch.replace(Part::Marker, &OpenMarker::default(), None)?;
        }
        if let Some(changed) = workspace.item.with_member(self.user, self.role, write)? {
            batch = batch.replace(Part::Workspace, &changed, Some(&workspace.etag))?;
        }
        let (item, batch) = if let Some(Versioned { item, etag }) = latest {
            let item = item.with_role(self.role, write);
            let batch = batch.replace(Part::Member, &item, Some(&etag))?;
            (item, batch)
        } else {
            let item = StoredMember::new(self.user, self.role, write);
            let batch = batch.create(Part::Member, &item)?;
            (item, batch)
        };
        let written = match self.call.items.execute(batch).await {
            Ok(written) => written,
            Err(BatchFailure {
                step: Some(Part::Marker),
                error: StorageError::NotFound,
            }) => {
                let put_back = put_marker_back(&self.call.items, self.scope.workspace_id());
                return Err(match put_back.await? {
                    Settled::Gone => NO_WORKSPACE,
                    Settled::Open => StorageError::Changed.into(),
                });
            }
            Err(failure) => return Err(failure.into()),
        };
        let etag = written.etag(&Part::Member);
        Ok(Versioned { item, etag })
    }
}
