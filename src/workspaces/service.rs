//! Workspaces.

use crate::access::{self, CanOwn, CanView, WorkspaceScope};
use crate::call::{Call, now};
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::workspaces::{CreateWorkspace, StoredWorkspace, UpdateWorkspace, Workspace};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Decision;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::IdempotencyKey;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use cosmos_store::write::WriteId;
use rest::continuation::{Position, Token};
use rest::page::{Limit, Page};
use rest::precondition::Precondition;

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
    WorkspaceId::of_write(WriteId::of(call.caller.id.as_str(), &name))
}

async fn store(
    call: &Call,
    workspace: StoredWorkspace,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, BatchFailure> {
    let members = workspace.roles();
    let scope = WorkspaceScope::<CanOwn>::authorise(&members, &call.caller);
    // Its maker owns it.
    let scope = scope.map_err(|_denied| StorageError::NotFound)?;
    let batch = Batch::new(&scope)
        .create(&workspace.open_marker())?
        .create(&workspace)?;
    let slot = key.slot(call.caller.id.as_str(), workspace.id);
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
    let slot = key.slot(call.caller.id.as_str(), id);
    let Some(answer) = call.first_answer(&slot).await? else {
        return Ok(None);
    };
    let now = access::read_workspace(&call.items, id).await?;
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
        let after = Token::open(&this_list, token)?;
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
    Ok(Page::of(found, limit, &this_list, position))
}

pub async fn update(
    call: &Call,
    id: WorkspaceId,
    precondition: &Precondition,
    patch: &UpdateWorkspace,
) -> Result<Versioned<Workspace>, ServiceError> {
    let changed = access::change_workspace::<CanOwn>(call.signed(), id, |latest| {
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(Decision::Keep(latest));
        }
        let changed = patch.apply(latest.item, now(), call.write());
        Ok(Decision::Write(changed))
    });
    Ok(changed.await?.map(Workspace::from))
}
