//! Workspaces.

use crate::access::{self, CanOwn, CanView, WorkspaceScope};
use crate::call::Call;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::workspaces::{OpenMarker, StoredWorkspace, Workspace, WorkspaceFields};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Decision;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::IdempotencyKey;
use cosmos_store::query::Query;
use cosmos_store::write::WriteId;
use rest::entity::Create;
use rest::list::{ListQuery, Listed};
use rest::page::Page;
use rest::patch::Patch;
use rest::precondition::Precondition;
use rest::timestamp::Timestamp;

/// Creates a workspace.
///
/// Its id follows from the key and the day, so that the record of the key can be in its partition. A
/// repeat looks there, and in the partition of the day before: records are kept for 24 hours.
pub async fn create(
    call: &Call,
    Create(fields): Create<WorkspaceFields>,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, ServiceError> {
    let now = Timestamp::now();
    if let Some(found) = made_before(call, key, now.days() - 1).await? {
        return Ok(found);
    }
    let id = id_of(call, key, now.days());
    let workspace = StoredWorkspace::create(id, fields, &call.caller, now, call.write());
    match store(call, workspace, key)
        .await
        .map_err(StorageError::from)
    {
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

/// What the batch that creates a workspace writes.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Marker,
    Workspace,
    Record,
}

async fn store(
    call: &Call,
    workspace: StoredWorkspace,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, BatchFailure<Part>> {
    let members = workspace.roles();
    let scope = WorkspaceScope::<CanOwn>::authorise(&members, &call.caller);
    // Its maker owns it.
    let scope = scope.map_err(|_denied| StorageError::NotFound)?;
    let batch = Batch::new(&scope)
        .create(Part::Marker, &OpenMarker::default())?
        .create(Part::Workspace, &workspace)?;
    let slot = key.slot(call.caller.id.as_str(), workspace.id);
    let workspace = Workspace::from(workspace);
    let batch = batch.create(Part::Record, &slot.filled(&workspace))?;
    let written = call.items.execute(batch).await?;
    Ok(Versioned {
        item: workspace,
        etag: written.etag(&Part::Workspace),
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

/// Reads a workspace.
pub async fn get(
    call: &Call<CanView>,
    id: WorkspaceId,
) -> Result<Versioned<Workspace>, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_WORKSPACE);
    }
    let (workspace, _scope) = call.open(id).await?;
    Ok(workspace.map(Workspace::from))
}

/// Workspaces can only be paged through.
impl Listed for Workspace {}

/// The workspaces the caller is a member of, oldest first.
pub async fn list(
    call: &Call,
    query: &ListQuery<Workspace>,
) -> Result<Page<Workspace>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let place = ("workspaces", &call.caller.id);
    let mine = Query::<StoredWorkspace>::joined("JOIN member IN c.members")?.and(
        &["member.userId = @userId"],
        "userId",
        &call.caller.id,
    )?;
    let sql = query.query::<_, ServiceError>(mine, &place)?;
    let limit = query.limit().plus_one();
    let found = call.items.query_across_partitions(sql, limit).await?;
    Ok(query.page(found, &place).map(Workspace::from))
}

/// Changes a workspace.
pub async fn update(
    call: &Call<CanOwn>,
    id: WorkspaceId,
    precondition: &Precondition,
    patch: &Patch<WorkspaceFields>,
) -> Result<Versioned<Workspace>, ServiceError> {
    let changed = access::change_workspace::<CanOwn>(call.signed(), id, |latest| {
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(Decision::Keep(latest));
        }
        let fields = patch.apply(&latest.item.fields)?;
        Ok(Decision::Write(latest.item.changed(fields, call.write())))
    });
    Ok(changed.await?.map(Workspace::from))
}
