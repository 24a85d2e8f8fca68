//! Moving a project from one workspace to another, which are two partitions: no batch spans them.
//!
//! 1. An *intent* is kept in the partition `moves`, so that a half-done move is found.
//! 2. The project is *marked* where it is. From now on it is not written there.
//! 3. The *arrival* writes the project, its slug and a record of the move into the target, in one
//!    batch. This is the moment at which the project moves. The record makes it happen once.
//! 4. The marked project is removed, and then the intent.
//!
//! Whoever meets a mark can do the rest, any number of times.

use crate::access::{CanEdit, CanFinishMove, WorkspaceScope};
use crate::id::{MoveId, ProjectId, WorkspaceId};
use cosmos_store::idempotency::RecordSlot;
use cosmos_store::item::{DocType, Item};
use cosmos_store::scope::Global;
use cosmos_store::write::WriteId;
use rest::fields::{Body, Fields, Violation};
use rest::timestamp::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod service;
pub mod reconciliation;
pub mod timer;

/// The partition of all intents.
pub const INTENTS: Global = Global("moves");

/// How long the record of an arrival is kept, in seconds: 7 days. No helper is that late.
const ARRIVAL_KEPT: u32 = 7 * 24 * 60 * 60;

/// How long a departure is kept, in seconds: longer than any request takes.
const DEPARTURE_KEPT: u32 = 10 * 60;

/// What is said to move a project.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MoveProject {
    /// Another one than the project is in.
    pub target_workspace_id: WorkspaceId,
}

impl Body for MoveProject {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let target = fields.required("targetWorkspaceId");
        fields.finish(target.map(|target_workspace_id| Self {
            target_workspace_id,
        }))
    }
}

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
    pub slot: RecordSlot,
}

/// A move that began and may not be finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    id: MoveId,
    partition_key: String,
    doc_type: DocType<Self>,
    pub project_id: ProjectId,
    pub from: WorkspaceId,
    to: WorkspaceId,
    started_at: Timestamp,
}

/// Says that a move has happened. It is in the target's partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arrival {
    id: String,
    partition_key: WorkspaceId,
    doc_type: DocType<Self>,
    project_id: ProjectId,
    ttl: u32,
}

/// Says for a while that a project has moved, so that whoever was about to delete it does not take it for
/// deleted. It is in the partition that the project left.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Departure {
    id: String,
    partition_key: WorkspaceId,
    doc_type: DocType<Self>,
    ttl: u32,
}

impl Departure {
    #[must_use]
    pub fn id_of(project: ProjectId) -> String {
        format!("departure:{project}")
    }

    #[must_use]
    pub fn new(project: ProjectId, from: WorkspaceId) -> Self {
        Self {
            id: Self::id_of(project),
            partition_key: from,
            doc_type: DocType::default(),
            ttl: DEPARTURE_KEPT,
        }
    }
}

impl Item for Departure {
    const DOC_TYPE: &'static str = "moveDeparture";

    fn id(&self) -> String {
        self.id.clone()
    }
}

/// The two workspaces of a move.
#[derive(Debug)]
pub struct MoveScopes {
    pub from: WorkspaceScope<CanFinishMove>,
    pub to: WorkspaceScope<CanFinishMove>,
}

impl Intent {
    /// The workspace that the move began in.
    #[must_use]
    pub fn scope(&self) -> WorkspaceScope<CanFinishMove> {
        WorkspaceScope::of_move(self.from)
    }

    /// Needs the right to edit in both workspaces.
    #[must_use]
    pub fn new(
        project_id: ProjectId,
        from: &WorkspaceScope<CanEdit>,
        to: &WorkspaceScope<CanEdit>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: MoveId::generate(),
            partition_key: INTENTS.0.to_owned(),
            doc_type: DocType::default(),
            project_id,
            from: from.workspace_id(),
            to: to.workspace_id(),
            started_at: now,
        }
    }

    #[must_use]
    pub fn mark(&self, write: WriteId, slot: RecordSlot) -> Mark {
        Mark {
            move_id: self.id,
            to: self.to,
            at: self.started_at,
            write,
            slot,
        }
    }

    #[must_use]
    pub fn move_id(&self) -> MoveId {
        self.id
    }

    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }
}

impl Mark {
    /// The workspaces of the move that began in `from`.
    #[must_use]
    pub fn scopes(&self, from: WorkspaceId) -> MoveScopes {
        MoveScopes {
            from: WorkspaceScope::of_move(from),
            to: WorkspaceScope::of_move(self.to),
        }
    }

    /// The intent that came before the mark.
    #[must_use]
    pub fn intent(&self, project_id: ProjectId, from: WorkspaceId) -> Intent {
        Intent {
            id: self.move_id,
            partition_key: INTENTS.0.to_owned(),
            doc_type: DocType::default(),
            project_id,
            from,
            to: self.to,
            started_at: self.at,
        }
    }

    #[must_use]
    pub fn arrival(&self, project_id: ProjectId) -> Arrival {
        Arrival {
            id: format!("arrival:{}", self.move_id),
            partition_key: self.to,
            doc_type: DocType::default(),
            project_id,
            ttl: ARRIVAL_KEPT,
        }
    }
}

impl Item for Intent {
    const DOC_TYPE: &'static str = "moveIntent";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Item for Arrival {
    const DOC_TYPE: &'static str = "moveArrival";

    fn id(&self) -> String {
        self.id.clone()
    }
}
