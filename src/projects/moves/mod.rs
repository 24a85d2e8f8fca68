//! Moving a project from one workspace to another, which are two partitions: no batch spans them.
//!
//! 1. An *intent* is kept in the partition `moves`, so that a half-done move is found.
//! 2. The project is *marked* where it is. From now on it is not written there.
//! 3. The *arrival* writes the project, its slug and the number of the move into the target, in one
//!    batch. This is the moment at which the project moves. The number makes it happen once.
//! 4. The marked project is removed, and then the intent.
//!
//! Any request that meets a mark can do the rest, any number of times, at any time.

use crate::access::{CanEdit, Internal, WorkspaceScope};
use crate::id::WorkspaceId;
use crate::projects::id::ProjectId;
use cosmos_store::idempotency::RecordSlot;
use cosmos_store::item::{DocType, Item};
use cosmos_store::scope::Global;
use cosmos_store::write::WriteId;
use deserr::Deserr;
use rest::entity::EntityId;
use rest::timestamp::Timestamp;
use rest::uuid_id;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod http;
pub mod service;
pub mod finish;
mod intents;
pub mod leftover;
mod marking;
pub mod presence;
pub mod protocol;
#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "every step of every actor")]
mod model;
pub mod reconciliation;
mod stored_slot;
pub mod timer;

/// The partition of all intents.
pub const INTENTS: Global = Global("moves");

/// The body that moves a project.
#[derive(Debug, Serialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
pub struct MoveProject {
    /// Another one than the project is in.
    pub target_workspace_id: WorkspaceId,
}

uuid_id!(
    /// The id of one move of a project.
    MoveId,
    "moveId"
);

/// The mark on a project that leaves its workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    pub move_id: MoveId,
    pub to: WorkspaceId,
    /// When the move began; becomes the project's `updatedAt`.
    pub at: Timestamp,
    /// Who asked for it.
    pub write: WriteId,
    /// Where the answer is kept for repeats of the request.
    #[serde(with = "stored_slot")]
    pub slot: RecordSlot,
}

/// A move that began and may not be finished. It is never written again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    id: MoveId,
    doc_type: DocType<Self>,
    pub project_id: ProjectId,
    pub from: WorkspaceId,
    to: WorkspaceId,
    started_at: Timestamp,
}

/// The last move in which a project came to a workspace or left it. It is in the workspace's partition, and
/// stays there: however late somebody is who wants to finish a move, it is found to be done. Unknown properties are
/// dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastMove {
    id: String,
    doc_type: DocType<Self>,
    /// Counted from 1 in the life of the project.
    pub number: u32,
}

impl LastMove {
    pub fn id_of(project: ProjectId) -> String {
        format!("lastMove:{project}")
    }

    pub fn new(project: ProjectId, number: u32) -> Self {
        Self {
            id: Self::id_of(project),
            doc_type: DocType::default(),
            number,
        }
    }
}

impl Item for LastMove {
    const DOC_TYPE: &'static str = "lastMove";

    fn id(&self) -> String {
        self.id.clone()
    }
}

/// The two workspaces of a move.
#[derive(Debug)]
pub struct MoveScopes {
    pub from: WorkspaceScope<Internal>,
    pub to: WorkspaceScope<Internal>,
}

impl Intent {
    /// The workspace that the move began in.
    pub fn scope(&self) -> WorkspaceScope<Internal> {
        WorkspaceScope::internal(self.from)
    }

    /// Needs the right to edit in both workspaces.
    pub fn new(
        project_id: ProjectId,
        from: &WorkspaceScope<CanEdit>,
        to: &WorkspaceScope<CanEdit>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: MoveId::generate(),
            doc_type: DocType::default(),
            project_id,
            from: from.workspace_id(),
            to: to.workspace_id(),
            started_at: now,
        }
    }

    pub fn mark(&self, write: WriteId, slot: RecordSlot) -> Mark {
        Mark {
            move_id: self.id,
            to: self.to,
            at: self.started_at,
            write,
            slot,
        }
    }

    pub fn move_id(&self) -> MoveId {
        self.id
    }
}

impl Mark {
    /// The workspaces of the move that began in `from`.
    pub fn scopes(&self, from: WorkspaceId) -> MoveScopes {
        MoveScopes {
            from: WorkspaceScope::internal(from),
            to: WorkspaceScope::internal(self.to),
        }
    }

    /// The intent that came before the mark.
    pub fn intent(&self, project_id: ProjectId, from: WorkspaceId) -> Intent {
        Intent {
            id: self.move_id,
            doc_type: DocType::default(),
            project_id,
            from,
            to: self.to,
            started_at: self.at,
        }
    }
}

impl Item for Intent {
    const DOC_TYPE: &'static str = "moveIntent";

    fn id(&self) -> String {
        self.id.to_string()
    }
}
