//! Workspaces of the layout before, in which the members were an array in the workspace's item.
//!
//! The array says who is a member until the workspace names its owners. The release before reads the owners there,
//! and drops what it does not know when it writes: then the array is moved once more.

use crate::access::{Internal, WorkspaceScope};
use crate::members::{Role, StoredMember};
use crate::workspaces::{EarlierMember, StoredWorkspace};
use cosmos_store::batch::Batch;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use cosmos_store::write::WriteId;
use rest::identity::UserId;

/// A batch has at most 100 operations, one of which writes the workspace.
const MEMBERS_IN_A_BATCH: usize = 99;
/// As many owners as there could be before, and one more.
const ALL_OWNERS: u32 = 1_001;

/// What a batch writes.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Workspace,
    Member,
}

/// Gives each member an item of their own, and then names the owners in the workspace. Stops if somebody else changes
/// the workspace: the next look goes on from there.
pub(super) async fn move_on(
    items: &Items,
    latest: Versioned<StoredWorkspace>,
) -> Result<(), StorageError> {
    let Versioned { item, mut etag } = latest;
    let scope = WorkspaceScope::internal(item.id);
    let write = WriteId::random();
    let is_owner = |member: &&EarlierMember| member.role == Role::Owner;
    let owners = item.members.iter().filter(is_owner);
    let owners: Vec<_> = owners.map(|owner| owner.user_id.clone()).collect();
    let mut members: Vec<_> = (item.members.iter())
        .map(|member| StoredMember::new(&member.user_id, Some(member.role), write))
        .collect();
    members.extend(former_owners(items, &scope, &item.members).await?);
    let moved = item.clone().owned_by(owners);
    let last = members.len().saturating_sub(1) / MEMBERS_IN_A_BATCH;
    for (number, members) in members.chunks(MEMBERS_IN_A_BATCH).enumerate() {
        let workspace = if number == last { &moved } else { &item };
        let batch = Batch::new(&scope).replace(Part::Workspace, workspace, Some(&etag))?;
        let batch = members
            .iter()
            .try_fold(batch, |batch, member| batch.upsert(Part::Member, member))?;
        match items.execute(batch).await.map_err(StorageError::from) {
            Ok(written) => etag = written.etag(&Part::Workspace),
            Err(StorageError::Changed | StorageError::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Those whose items say that they own the workspace, and whom the release before has taken out of `members`.
async fn former_owners(
    items: &Items,
    scope: &WorkspaceScope<Internal>,
    members: &[EarlierMember],
) -> Result<Vec<StoredMember>, StorageError> {
    let all = Query::<StoredMember>::new()?.and(&["c.role = @role"], "role", Role::Owner)?;
    let found = items.query(scope, all, ALL_OWNERS).await?;
    let is_named = |user: &UserId| members.iter().any(|member| member.user_id == *user);
    let former = found
        .into_iter()
        .filter(|member| !is_named(&member.user_id));
    Ok(former
        .map(|member| member.with_role(None, WriteId::random()))
        .collect())
}
