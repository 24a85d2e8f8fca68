//! What a workspace has in it.

use crate::access::WorkspaceScope;
use cosmos_store::error::StorageError;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use serde_json::Value;

/// An entity of the workspace, as it is stored; `None` when it is empty. Every entity has an author.
pub(crate) async fn any_entity<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
) -> Result<Option<Value>, StorageError> {
    let any = Query::<Value>::of_any_kind("IS_DEFINED(c.authorId)");
    let found = items.query(scope, any, 1).await?;
    Ok(found.into_iter().next())
}
