//! Workspaces.

use super::call::{Attempts, Call, NO_WORKSPACE, now};
use super::continuation::Position;
use super::error::ServiceError;
use super::page::{Limit, Page};
use super::precondition::Precondition;
use crate::cosmos::batch::{Batch, BatchFailure};
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::query::Query;
use crate::domain::access::{CanOwn, CanView, WorkspaceScope};
use crate::domain::id::WorkspaceId;
use crate::domain::idempotency::IdempotencyKey;
use crate::domain::item::Item;
use crate::domain::member::Members;
use crate::domain::workspace::{CreateWorkspace, StoredWorkspace, UpdateWorkspace, Workspace};
use crate::domain::write::WriteId;

/// Creates a workspace.
///
/// Its id follows from the key and the day, so that the record of the key can be in its partition. A
/// repeat looks there, and in the partition of the day before: records are kept for 24 hours.
pub async fn create(
    call: &Call,
    body: CreateWorkspace,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, ServiceError> {
    let now = now();
    if let Some(found) = made_before(call, key, now.days() - 1).await? {
        return Ok(found);
    }
    let id = id_of(call, key, now.days());
    let workspace = StoredWorkspace::create(id, body, &call.caller, now, call.write());
    match store(call, workspace, key).await.map_err(|f| f.error) {
        Err(error)
            if matches!(error, StorageError::AlreadyExists) || error.outcome_is_unknown() =>
        {
            let found = made_before(call, key, now.days()).await?;
            found.ok_or(error.into())
        }
        created => Ok(created?),
    }
}

fn id_of(call: &Call, key: &IdempotencyKey, day: i64) -> WorkspaceId {
    let name = format!("{day} {}", key.as_str());
    WorkspaceId::of_write(WriteId::of(&call.caller.id, &name))
}

async fn store(
    call: &Call,
    workspace: StoredWorkspace,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, BatchFailure> {
    let members = Members::of(&workspace);
    let scope = WorkspaceScope::<CanOwn>::authorise(&members, &call.caller);
    // Its maker owns it.
    let scope = scope.map_err(|_denied| StorageError::NotFound)?;
    let batch = Batch::new(&scope)
        .create(&workspace.open_marker())?
        .create(&workspace)?;
    let slot = key.slot(&call.caller.id, workspace.id);
    let workspace = Workspace::from(workspace);
    let etags = call
        .items
        .execute(batch.create(&slot.filled(&workspace))?)
        .await?;
    Ok(Versioned {
        item: workspace,
        etag: etags.into_iter().nth(1).flatten().unwrap_or_default(),
    })
}

/// What this request made on that day, when it was sent before.
async fn made_before(
    call: &Call,
    key: &IdempotencyKey,
    day: i64,
) -> Result<Option<Versioned<Workspace>>, ServiceError> {
    let id = id_of(call, key, day);
    let slot = key.slot(&call.caller.id, id);
    let Some(answer) = call.first_answer(&slot).await? else {
        return Ok(None);
    };
    let now = call.items.read_workspace(id).await?;
    let unchanged = now.filter(|found| found.item.is_as_created());
    Ok(Some(Versioned {
        item: answer,
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
        if latest.item.revision == call.write() {
            return Ok(latest.map(Workspace::from));
        }
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(latest.map(Workspace::from));
        }
        let changed = patch.apply(latest.item, now(), call.write());
        match call.items.replace(&scope, changed, &latest.etag).await {
            Err(StorageError::Changed) => {}
            Err(StorageError::NotFound) => return Err(NO_WORKSPACE),
            Err(error) if error.outcome_is_unknown() => {
                let (latest, _) = call.open::<CanOwn>(id).await?;
                let written = latest.item.revision == call.write();
                return written
                    .then(|| latest.map(Workspace::from))
                    .ok_or(error.into());
            }
            written => return Ok(written?.map(Workspace::from)),
        }
    }
    Err(ServiceError::Contended)
}
