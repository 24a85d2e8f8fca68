//! Ids that more than one resource needs.

use cosmos_store::write::WriteId;
use rest::uuid_id;

uuid_id!(
    /// The id of a workspace.
    WorkspaceId,
    "workspaceId"
);

impl WorkspaceId {
    /// An id that follows from the request that asks for it.
    pub fn of_write(write: WriteId) -> Self {
        Self(write.uuid())
    }
}
