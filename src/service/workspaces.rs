//! Workspaces.

use super::call::{Attempts, Call, NO_WORKSPACE, now};
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
use crate::domain::idempotency::{IdempotencyKey, RecordSlot};
use crate::domain::item::Item;
use crate::domain::member::Members;
use crate::domain::workspace::{CreateWorkspace, StoredWorkspace, UpdateWorkspace, Workspace};
use crate::domain::write::WriteId;

/// Creates a workspace. Its id follows from the request, so that a repeat of the request finds it.
pub async fn create(
    call: &Call,
    body: &CreateWorkspace,
    key: Option<&IdempotencyKey>,
) -> Result<Versioned<Workspace>, ServiceError> {
    let mut write = key.map_or(call.write, |key| WriteId::of(&call.caller.id, key.as_str()));
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let id = WorkspaceId::of_write(write);
        let workspace = StoredWorkspace::create(id, body.clone(), &call.caller, now(), write);
        let scope = WorkspaceScope::authorise(&Members::of(&workspace), &call.caller)?;
        let slot = key.map(|key| key.slot(&call.caller.id, id));
        match store(call, &scope, workspace, slot.as_ref()).await {
            Err(StorageError::AlreadyExists) => {
                if let Some(found) = made_before(call, &scope, write, slot.as_ref()).await? {
                    return Ok(found);
                }
                // A workspace of a key that was forgotten long ago: the key is new again.
                write = write.next();
            }
            Err(error) if error.outcome_is_unknown() => {
                let found = made_before(call, &scope, write, slot.as_ref()).await?;
                return found.ok_or(error.into());
            }
            created => return Ok(created?),
        }
    }
    Err(ServiceError::Contended)
}

async fn store(
    call: &Call,
    scope: &WorkspaceScope<CanOwn>,
    workspace: StoredWorkspace,
    slot: Option<&RecordSlot>,
) -> Result<Versioned<Workspace>, StorageError> {
    let mut batch = Batch::new(scope)
        .create(&workspace.open_marker())?
        .create(&workspace)?;
    let workspace = Workspace::from(workspace);
    if let Some(slot) = slot {
        batch = batch.create(&slot.filled(&workspace))?;
    }
    let etags = call.items.execute(batch).await?;
    Ok(Versioned {
        item: workspace,
        etag: etags.into_iter().nth(1).flatten().unwrap_or_default(),
    })
}

/// What this request made when it was sent before.
async fn made_before(
    call: &Call,
    scope: &WorkspaceScope<CanOwn>,
    write: WriteId,
    slot: Option<&RecordSlot>,
) -> Result<Option<Versioned<Workspace>>, ServiceError> {
    let id = scope.workspace_id().to_string();
    let now = call.items.read::<StoredWorkspace, _>(scope, &id).await?;
    let Some(slot) = slot else {
        let made = now.filter(|found| found.item.origin == write);
        return Ok(made.map(|found| found.map(Workspace::from)));
    };
    let answer = call.first_answer(scope, slot).await?;
    let unchanged = now.filter(|found| found.item.revision == write);
    Ok(answer.map(|item| Versioned {
        item,
        etag: unchanged.map(|found| found.etag).unwrap_or_default(),
    }))
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
        query = query
            .and(
                "c.createdAt >= @after AND (c.createdAt > @after OR c.id > @afterId)",
                "@after",
                after.value,
            )?
            .bind("@afterId", after.id)?;
    }
    let query = query.order_by("c.createdAt ASC, c.id ASC");
    let found = call
        .items
        .query_across_partitions(query, limit.plus_one())
        .await?;
    let position = |workspace: &StoredWorkspace| Position {
        value: workspace.created_at.to_string(),
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
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let (latest, scope) = call.open::<CanOwn>(id).await?;
        if latest.item.revision == call.write {
            return Ok(latest.map(Workspace::from));
        }
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Workspace::from));
        }
        let changed = patch.apply(latest.item, now(), call.write);
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            Err(error) if error.outcome_is_unknown() => {
                let (latest, _) = call.open::<CanOwn>(id).await?;
                let written = latest.item.revision == call.write;
                return written
                    .then(|| latest.map(Workspace::from))
                    .ok_or(error.into());
            }
            written => return Ok(written?.map(Workspace::from)),
        }
    }
    Err(ServiceError::Contended)
}
