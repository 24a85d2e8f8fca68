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
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use cosmos_store::query::Query;
use cosmos_store::write::WriteId;
use rest::entity::Create;
use rest::list::{ListQuery, Listed};
use rest::page::Page;
use rest::patch::Patch;
use rest::precondition::Precondition;
use rest::timestamp::Timestamp;

/// Workspaces of one caller that were created with the same key, one after the other.
const MAX_GENERATIONS: u32 = 100;

/// Creates a workspace.
///
/// Its id follows from the key, so that a repeat finds the record of the key in its partition. Records are kept for
/// 24 hours: a workspace whose key is used again after that makes way for the next id that follows from it.
pub async fn create(
    call: &Call,
    Create(fields): Create<WorkspaceFields>,
    key: &IdempotencyKey,
) -> Result<Versioned<Workspace>, ServiceError> {
    for generation in 0..MAX_GENERATIONS {
        let name = format!("{generation} {}", key.as_str());
        let id = WorkspaceId::of_write(WriteId::of(call.caller.id.as_str(), &name));
        let slot = key.slot(call.caller.id.as_str(), id);
        let fields = fields.clone();
        let workspace =
            StoredWorkspace::create(id, fields, &call.caller, Timestamp::now(), call.write());
        let failure = match store(call, workspace, &slot).await {
            Ok(created) => return Ok(created),
            Err(failure) => failure,
        };
        match (failure.step, failure.error) {
            (Some(Part::Workspace | Part::Marker), StorageError::AlreadyExists) => {}
            (_, error) => {
                let unknown = error.outcome_is_unknown();
                if !unknown && !matches!(error, StorageError::AlreadyExists) {
                    return Err(error.into());
                }
                return created_before(call, id, &slot).await?.ok_or(error.into());
            }
        }
    }
    Err(ServiceError::Contended)
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
    slot: &RecordSlot,
) -> Result<Versioned<Workspace>, BatchFailure<Part>> {
    let members = workspace.roles();
    let scope = WorkspaceScope::<CanOwn>::authorise(&members, &call.caller);
    // Its creator owns it.
    let scope = scope.map_err(|_denied| StorageError::NotFound)?;
    let shown = Workspace::from(workspace.clone());
    let batch = Batch::new(&scope)
        .create(Part::Record, &slot.filled(&shown))?
        .create(Part::Marker, &OpenMarker::default())?
        .create(Part::Workspace, &workspace)?;
    let written = call.items.execute(batch).await?;
    Ok(Versioned {
        item: shown,
        etag: written.etag(&Part::Workspace),
    })
}

/// What this request created when it was sent before.
async fn created_before(
    call: &Call,
    id: WorkspaceId,
    slot: &RecordSlot,
) -> Result<Option<Versioned<Workspace>>, ServiceError> {
    let Some(item) = call.first_answer(slot).await? else {
        return Ok(None);
    };
    let now = access::read_workspace(&call.items, id).await?;
    let unchanged = now.filter(|found| found.item.is_as_created());
    let etag = unchanged.map(|found| found.etag).unwrap_or_default();
    Ok(Some(Versioned { item, etag }))
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
