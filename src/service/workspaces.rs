//! Workspaces.

use super::call::{Call, MAX_ATTEMPTS, NO_WORKSPACE, now};
use super::continuation::Position;
use super::error::ServiceError;
use super::page::{Limit, Page};
use super::precondition::Precondition;
use crate::cosmos::batch::Batch;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::query::Query;
use crate::domain::access::{CanOwn, CanView, WorkspaceScope};
use crate::domain::id::WorkspaceId;
use crate::domain::item::Item;
use crate::domain::member::Members;
use crate::domain::project::StoredProject;
use crate::domain::workspace::{CreateWorkspace, StoredWorkspace, UpdateWorkspace, Workspace};
use std::num::NonZeroU32;

pub async fn create(
    call: &Call,
    body: CreateWorkspace,
) -> Result<Versioned<Workspace>, ServiceError> {
    let workspace = StoredWorkspace::create(WorkspaceId::generate(), body, &call.caller, now());
    let members = Members::of(&workspace);
    let scope = WorkspaceScope::<CanOwn>::authorise(&members, &call.caller)?;
    let created = call.items.create(&scope, workspace).await?;
    Ok(created.map(Workspace::from))
}

pub async fn get(call: &Call, id: WorkspaceId) -> Result<Versioned<Workspace>, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_WORKSPACE);
    }
    let (workspace, _scope) = call.open::<CanView>(id).await?;
    Ok(workspace.map(Workspace::from))
}

/// The workspaces the caller is a member of, oldest first.
pub async fn list(
    call: &Call,
    limit: Limit,
    continuation: Option<&str>,
) -> Result<Page<Workspace>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let this_list = ("workspaces", &call.caller.id);
    let mut query = Query::<StoredWorkspace>::new("JOIN member IN c.members")?.and(
        "member.userId = @userId",
        "@userId",
        &call.caller.id,
    )?;
    if let Some(token) = continuation {
        let after = call
            .continuations
            .open(&call.items, &this_list, token)
            .await?;
        query = query.and("c.id > @after", "@after", after.id)?;
    }
    let found = call
        .items
        .query_across_partitions(query.order_by("c.id ASC"), limit.plus_one())
        .await?;
    let position = |workspace: &StoredWorkspace| Position {
        value: String::new(),
        id: workspace.id(),
    };
    Page::of(found, limit, call, &this_list, position).await
}

pub async fn update(
    call: &Call,
    id: WorkspaceId,
    precondition: &Precondition,
    patch: &UpdateWorkspace,
) -> Result<Versioned<Workspace>, ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (latest, scope) = call.open::<CanOwn>(id).await?;
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Workspace::from));
        }
        let changed = patch.apply(latest.item, now());
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            written => return Ok(written?.map(Workspace::from)),
        }
    }
    Err(ServiceError::Contended)
}

/// Deletes a workspace that has no projects.
pub async fn delete(
    call: &Call,
    id: WorkspaceId,
    precondition: &Precondition,
) -> Result<(), ServiceError> {
    for _attempt in 0..MAX_ATTEMPTS {
        let (latest, scope) = call.open::<CanOwn>(id).await?;
        precondition.check(&latest.etag)?;
        let any_project = Query::<StoredProject>::new("")?;
        let projects = call
            .items
            .query(&scope, any_project, NonZeroU32::MIN)
            .await?;
        if !projects.is_empty() {
            return Err(ServiceError::WorkspaceNotEmpty);
        }
        let batch = Batch::new(&scope).delete(id.to_string(), Some(&latest.etag));
        let deleted = call.items.execute(batch).await;
        call.memberships.forget(id);
        match deleted {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            deleted => return Ok(deleted.map(drop)?),
        }
    }
    Err(ServiceError::Contended)
}
