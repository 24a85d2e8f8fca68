//! Workspaces and who may reach them.

use super::continuation::{Continuations, Position};
use super::error::ServiceError;
use super::page::{Limit, Page};
use super::precondition::Precondition;
use crate::cosmos::batch::Batch;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::items::Items;
use crate::cosmos::query::Query;
use crate::domain::access::{CanOwn, CanView, MemberLevel, WorkspaceScope};
use crate::domain::caller::Caller;
use crate::domain::id::WorkspaceId;
use crate::domain::item::Item;
use crate::domain::project::StoredProject;
use crate::domain::workspace::{CreateWorkspace, StoredWorkspace, UpdateWorkspace, Workspace};
use std::num::NonZeroU32;

/// Attempts at a change that others keep getting ahead of.
pub(super) const MAX_ATTEMPTS: usize = 8;

pub(super) const NO_WORKSPACE: ServiceError = ServiceError::NotFound("workspace");

pub async fn create(
    items: &Items,
    caller: &Caller,
    body: CreateWorkspace,
) -> Result<Versioned<Workspace>, ServiceError> {
    let workspace = StoredWorkspace::create(WorkspaceId::generate(), body, caller, now());
    let scope = WorkspaceScope::<CanOwn>::authorise(&workspace, caller)?;
    let created = items.create(&scope, workspace).await?;
    Ok(created.map(Workspace::from))
}

pub async fn get(
    items: &Items,
    caller: &Caller,
    id: WorkspaceId,
) -> Result<Versioned<Workspace>, ServiceError> {
    if !items.is_configured() {
        return Err(NO_WORKSPACE);
    }
    let (workspace, _scope) = authorise::<CanView>(items, caller, id).await?;
    Ok(workspace.map(Workspace::from))
}

/// The workspaces the caller is a member of, oldest first.
pub async fn list(
    items: &Items,
    continuations: &Continuations,
    caller: &Caller,
    limit: Limit,
    continuation: Option<&str>,
) -> Result<Page<Workspace>, ServiceError> {
    if !items.is_configured() {
        return Ok(Page::empty());
    }
    let this_list = ("workspaces", &caller.id);
    let mut query = Query::<StoredWorkspace>::new("JOIN member IN c.members")?.and(
        "member.userId = @userId",
        "@userId",
        &caller.id,
    )?;
    if let Some(token) = continuation {
        let after = continuations.open(items, &this_list, token).await?;
        query = query.and("c.id > @after", "@after", after.id)?;
    }
    let found = items
        .query_across_partitions(query.order_by("c.id ASC"), limit.plus_one())
        .await?;
    let position = |workspace: &StoredWorkspace| Position {
        value: String::new(),
        id: workspace.id(),
    };
    Page::of(found, limit, items, continuations, &this_list, position).await
}

pub async fn update(
    items: &Items,
    caller: &Caller,
    id: WorkspaceId,
    precondition: &Precondition,
    patch: &UpdateWorkspace,
) -> Result<Versioned<Workspace>, ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (latest, scope) = authorise::<CanOwn>(items, caller, id).await?;
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Workspace::from));
        }
        let changed = patch.apply(latest.item, now());
        match items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            written => return Ok(written?.map(Workspace::from)),
        }
    }
    Err(ServiceError::Contended)
}

/// Deletes a workspace that has no projects.
pub async fn delete(
    items: &Items,
    caller: &Caller,
    id: WorkspaceId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (latest, scope) = authorise::<CanOwn>(items, caller, id).await?;
        precondition.check(&latest.etag)?;
        let any_project = Query::<StoredProject>::new("")?;
        let projects = items.query(&scope, any_project, NonZeroU32::MIN).await?;
        if !projects.is_empty() {
            return Err(ServiceError::WorkspaceNotEmpty);
        }
        let batch = Batch::new(&scope).delete(id.to_string(), Some(&latest.etag));
        match items.execute(batch).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            deleted => return Ok(deleted.map(drop)?),
        }
    }
    Err(ServiceError::Contended)
}

/// Reads the workspace and checks that the caller may work in it at level `L`.
pub(super) async fn authorise<L: MemberLevel>(
    items: &Items,
    caller: &Caller,
    id: WorkspaceId,
) -> Result<(Versioned<StoredWorkspace>, WorkspaceScope<L>), ServiceError> {
    let workspace = read(items, id).await?;
    let scope = WorkspaceScope::authorise(&workspace.item, caller)?;
    Ok((workspace, scope))
}

pub(super) async fn read(
    items: &Items,
    id: WorkspaceId,
) -> Result<Versioned<StoredWorkspace>, ServiceError> {
    let workspace = items.read_workspace(id).await?;
    workspace.ok_or(NO_WORKSPACE)
}

pub(super) fn now() -> crate::domain::timestamp::Timestamp {
    jiff::Timestamp::now().into()
}
