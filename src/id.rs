//! Ids that more than one resource needs.

use cosmos_store::write::WriteId;
use rest::uuid_id;

uuid_id!(
    /// Names a workspace, and the partition that holds all of it.
    WorkspaceId,
    "workspaceId"
);
uuid_id!(
    /// Names a project. It stays the same when the project moves to another workspace.
    ProjectId,
    "projectId"
);

impl WorkspaceId {
    /// An id that follows from the request that asks for it.
    #[must_use]
    pub fn of_write(write: WriteId) -> Self {
        Self(write.uuid())
    }
}
