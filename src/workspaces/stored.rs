//! The workspace's own item.

use super::earlier;
use crate::access::WorkspaceScope;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::Role;
use crate::workspaces::StoredWorkspace;
use cosmos_store::change::{Attempts, Decision};
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;
use rest::identity::Caller;

/// Returns the workspace, unless it was deleted. One of an earlier layout is moved to the latest first.
pub(crate) async fn read(
    items: &Items,
    id: WorkspaceId,
) -> Result<Option<Versioned<StoredWorkspace>>, ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let found = read_any(items, id).await?;
        match found.filter(|found| !found.item.is_deleted()) {
            Some(found) if found.item.owners.is_none() => earlier::move_on(items, found).await?,
            found => return Ok(found),
        }
    }
    Err(ServiceError::Contended)
}

/// Moves a workspace of an earlier layout to the latest. Returns whether it was one.
pub(crate) async fn move_if_earlier(items: &Items, id: WorkspaceId) -> Result<bool, ServiceError> {
    let found = read_any(items, id).await?;
    let is_earlier = found.is_some_and(|found| found.item.owners.is_none());
    Ok(is_earlier && read(items, id).await?.is_some())
}

/// Returns the workspace, also if it was deleted and memberships are left.
pub(crate) async fn read_any(
    items: &Items,
    id: WorkspaceId,
) -> Result<Option<Versioned<StoredWorkspace>>, ServiceError> {
    let scope = WorkspaceScope::internal(id);
    Ok(items.read(&scope, &id.to_string()).await?)
}

/// Changes the workspace. The caller must own every version that `decide` is asked about.
pub(crate) async fn change(
    items: &Items,
    caller: &Caller,
    write: WriteId,
    id: WorkspaceId,
    mut decide: impl FnMut(
        Versioned<StoredWorkspace>,
    ) -> Result<Decision<StoredWorkspace>, ServiceError>,
) -> Result<Versioned<StoredWorkspace>, ServiceError> {
    let checked = |latest: Option<Versioned<StoredWorkspace>>| {
        let latest = latest.filter(|latest| !latest.item.is_deleted());
        let latest = latest.ok_or(NO_WORKSPACE)?;
        if !latest.item.owners().contains(&caller.id) {
            return Err(ServiceError::RoleTooLow(Role::Owner));
        }
        decide(latest)
    };
    let scope = WorkspaceScope::internal(id);
    let (changed, _is_new) = items
        .change(&scope, &id.to_string(), write, checked)
        .await?;
    Ok(changed)
}
