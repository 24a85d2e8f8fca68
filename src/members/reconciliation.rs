//! Finishing what was left half done of memberships: see [`super::protocol`].

use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::StoredMember;
use crate::members::follow::Following;
use crate::workspaces::stored;
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use rest::identity::UserId;
use serde::Deserialize;
use std::num::NonZeroU32;

const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// A member whose own list may be behind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unsettled {
    partition_key: WorkspaceId,
    user_id: UserId,
}

/// Up to 100 members of all tenants whose lists may be behind. Only the timer asks, as it asks every physical partition.
pub(crate) async fn unsettled(items: &Items) -> Result<Vec<Unsettled>, ServiceError> {
    let query = Query::of_any_kind("c.docType = @docType AND IS_NULL(c.mirrored)");
    let query = query.bind("docType", StoredMember::DOC_TYPE)?;
    Ok(items.query_across_partitions(query, PAGE).await?)
}

/// Brings the member's list up to date.
pub(crate) async fn finish(items: &Items, member: Unsettled) -> Result<(), ServiceError> {
    let id = member.partition_key;
    let workspace = stored::read(items, id).await?;
    let name = workspace.as_ref().map(|found| &found.item.fields.name);
    Following::new(items, id, &member.user_id, name).run().await
}
