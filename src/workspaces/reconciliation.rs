//! What was left half done of workspaces: memberships in those that are deleted, and those of an earlier layout.

use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::StoredMember;
use crate::members::follow::Following;
use crate::workspaces::{StoredWorkspace, stored};
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use futures::StreamExt;
use rest::identity::UserId;
use serde::Deserialize;

/// What one look finds at most.
pub(crate) const PAGE: u32 = 100;
/// Memberships that are ended at the same time.
const SIDE_BY_SIDE: usize = 8;

/// Ends memberships of a workspace that is deleted, up to [`PAGE`]. Returns whose: nobody's if none was left. Nobody becomes a
/// member any more: that takes the marker, which was removed first.
pub(crate) async fn end_memberships(
    items: &Items,
    id: WorkspaceId,
) -> Result<Vec<UserId>, ServiceError> {
    let scope = WorkspaceScope::internal(id);
    let members = items.query(&scope, Query::<StoredMember>::new()?, PAGE);
    let users: Vec<_> = (members.await?.into_iter())
        .map(|member| member.user_id)
        .collect();
    let ending: Vec<_> = (users.iter())
        .map(|user| Following::new(items, id, user).run())
        .collect();
    let ended = futures::stream::iter(ending).buffer_unordered(SIDE_BY_SIDE);
    // One that fails does not keep the others from being ended.
    let ended: Vec<_> = ended.collect().await;
    ended.into_iter().collect::<Result<(), _>>()?;
    Ok(users)
}

/// No more than the id: one that cannot be read does not keep the others from being found.
#[derive(Debug, Deserialize)]
struct Found {
    id: WorkspaceId,
}

/// Up to 100 workspaces of all tenants, but for those that `failed`, that were deleted. Only the timer asks, as it asks
/// every physical partition.
pub(crate) async fn deleted(
    items: &Items,
    failed: Vec<String>,
) -> Result<Vec<WorkspaceId>, ServiceError> {
    find(items, "IS_DEFINED(c.deletedAt)", failed).await
}

/// Up to 100 workspaces of all tenants, but for those that `failed`, that are of an earlier layout. No index finds what
/// is not there: it looks at all of them.
pub(crate) async fn of_earlier_layout(
    items: &Items,
    failed: Vec<String>,
) -> Result<Vec<WorkspaceId>, ServiceError> {
    find(items, "NOT IS_DEFINED(c.owners)", failed).await
}

async fn find(
    items: &Items,
    condition: &'static str,
    failed: Vec<String>,
) -> Result<Vec<WorkspaceId>, ServiceError> {
    let query = Query::<Found>::of_any_kind(condition)
        .and(
            &["c.docType = @docType"],
            "docType",
            StoredWorkspace::DOC_TYPE,
        )?
        .and(&["NOT ARRAY_CONTAINS(@failed, c.id)"], "failed", failed)?;
    let found = items.query_across_partitions(query, PAGE).await?;
    Ok(found.into_iter().map(|workspace| workspace.id).collect())
}

/// Moves the workspace to the latest layout, or ends the memberships in it if it is deleted.
pub(crate) async fn finish(items: &Items, id: WorkspaceId) -> Result<(), ServiceError> {
    let Some(latest) = stored::read_any(items, id).await? else {
        return Ok(());
    };
    if !latest.item.is_deleted() {
        return stored::read(items, id).await.map(drop);
    }
    if !end_memberships(items, id).await?.is_empty() {
        // There may be more: it is found again.
        return Ok(());
    }
    let scope = WorkspaceScope::internal(id);
    match items
        .delete(&scope, &id.to_string(), Some(&latest.etag))
        .await
    {
        Ok(()) | Err(StorageError::NotFound | StorageError::Changed) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
