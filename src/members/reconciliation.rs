//! Finishing what was left half done of memberships: see [`super::protocol`].

use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::StoredMember;
use crate::members::follow::Following;
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use rest::identity::UserId;
use serde::Deserialize;

const PAGE: u32 = 100;

/// A member whose own list may be behind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unsettled {
    partition_key: WorkspaceId,
    user_id: UserId,
}

impl Unsettled {
    pub(crate) fn key(&self) -> String {
        self.partition_key.to_string()
    }
}

/// Up to 100 members of all tenants, but for those in workspaces that `failed`, whose lists may be behind. Only the timer
/// asks, as it asks every physical partition.
pub(crate) async fn unsettled(
    items: &Items,
    failed: Vec<String>,
) -> Result<Vec<Unsettled>, ServiceError> {
    let query = Query::of_any_kind("c.docType = @docType AND IS_NULL(c.mirrored)");
    let query = query.bind("docType", StoredMember::DOC_TYPE)?;
    let query = query.and(
        &["NOT ARRAY_CONTAINS(@failed, c.partitionKey)"],
        "failed",
        failed,
    )?;
    Ok(items.query_across_partitions(query, PAGE).await?)
}

/// Brings the member's list up to date.
pub(crate) async fn finish(items: &Items, member: Unsettled) -> Result<(), ServiceError> {
    Following::new(items, member.partition_key, &member.user_id)
        .run()
        .await
}
