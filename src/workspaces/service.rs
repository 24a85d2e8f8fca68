//! Workspaces.

use crate::access::{CanOwn, CanView, UserScope, WorkspaceScope};
use crate::call::Call;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::follow::Following;
use crate::members::{Membership, Role, StoredMember};
use crate::workspaces::{
    MyWorkspace, OpenMarker, StoredWorkspace, Workspace, WorkspaceFields, stored,
};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Decision;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::{IdempotencyKey, RecordSlot};
use cosmos_store::query::Query;
use cosmos_store::write::WriteId;
use rest::entity::Create;
use rest::list::ListQuery;
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
    Owner,
    Record,
}

async fn store(
    call: &Call,
    workspace: StoredWorkspace,
    slot: &RecordSlot,
) -> Result<Versioned<Workspace>, BatchFailure<Part>> {
    // Its creator owns it.
    let role = Some(Role::Owner);
    let scope = WorkspaceScope::internal(workspace.id);
    let owner = StoredMember::new(&call.caller.id, role, call.write());
    let shown = Workspace::from(workspace.clone());
    let batch = Batch::new(&scope)
        .create(Part::Record, &slot.filled(&shown))?
        .create(Part::Marker, &OpenMarker::default())?
        .create(Part::Workspace, &workspace)?
        .create(Part::Owner, &owner)?;
    let written = call.items.execute(batch).await?;
    let owner = Versioned {
        item: owner,
        etag: written.etag(&Part::Owner),
    };
    // The id is new: the owner's list has nothing of it.
    let following = Following::new(&call.items, workspace.id, &call.caller.id);
    following.after(owner, workspace.fields.name).await;
    call.memberships.forget(workspace.id, &call.caller.id);
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
    let now = stored::read(&call.items, id).await?;
    Following::new(&call.items, id, &call.caller.id)
        .run_if_possible()
        .await;
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

/// The workspaces that the caller is a member of, those first of which they are a member for the longest time.
pub async fn list(
    call: &Call,
    query: &ListQuery<Membership>,
) -> Result<Page<MyWorkspace>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let mine = Query::<Membership>::new()?.having("role");
    let sql = query.query::<_, ServiceError>(mine, &call.caller.id)?;
    let own = UserScope::of_caller(&call.caller);
    let limit = query.limit().plus_one();
    let found = call.items.query(&own, sql, limit).await?;
    let page = query.page(found, &call.caller.id);
    Ok(page.filter_map(MyWorkspace::of))
}

/// Changes a workspace.
pub async fn update(
    call: &Call<CanOwn>,
    id: WorkspaceId,
    precondition: &Precondition,
    patch: &Patch<WorkspaceFields>,
) -> Result<Versioned<Workspace>, ServiceError> {
    let known = call
        .memberships
        .of(&call.items, id, &call.caller.id)
        .await?;
    WorkspaceScope::<CanOwn>::authorise(id, known.role)?;
    let changed = stored::change(&call.items, &call.caller, call.write(), id, |latest| {
        precondition.check(&latest.etag)?;
        if patch.is_empty() {
            return Ok(Decision::Keep(latest));
        }
        let fields = patch.apply(&latest.item.fields)?;
        Ok(Decision::Write(latest.item.changed(fields, call.write())))
    });
    let changed = changed.await?;
    call.follow(id, &known, Some(&changed.item.fields.name))
        .await;
    Ok(changed.map(Workspace::from))
}
