//! What a move leaves behind in a workspace that somebody wants to delete.

use super::finish::settle;
use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::projects::ProjectFields;
use crate::workspaces::contents::any_entity;
use cosmos_store::change::Attempts;
use cosmos_store::items::Items;
use rest::entity::Entity as _;
use serde_json::Value;

/// An entity of the workspace, of which `found` is one. A project that is only left over from a move does not count:
/// the move is finished first.
pub(crate) async fn without_leftovers<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    mut found: Option<Value>,
) -> Result<Option<Value>, ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let leaving = found.as_ref().and_then(leaving);
        let Some(id) = leaving else {
            return Ok(found);
        };
        if let Some(latest) = items.read(scope, id).await? {
            settle(items, scope.workspace_id(), latest).await?;
        }
        found = any_entity(items, scope).await?;
    }
    Err(ServiceError::Contended)
}

/// The id of a project that leaves the workspace.
fn leaving(entity: &Value) -> Option<&str> {
    let is_project = entity["docType"] == ProjectFields::KIND;
    let leaves = is_project && !entity["moving"].is_null();
    entity["id"].as_str().filter(|_| leaves)
}
