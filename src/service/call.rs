//! What every service call has: who calls, and what it may reach.

use super::continuation::Continuations;
use super::error::ServiceError;
use super::memberships::Memberships;
use crate::cosmos::etag::Versioned;
use crate::cosmos::items::Items;
use crate::domain::access::{MemberLevel, WorkspaceScope};
use crate::domain::caller::Caller;
use crate::domain::id::WorkspaceId;
use crate::domain::idempotency::{IdempotencyRecord, RecordSlot};
use crate::domain::member::Members;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::StoredWorkspace;
use crate::domain::write::WriteId;
use serde::de::DeserializeOwned;
use std::sync::Arc;

pub(super) const NO_WORKSPACE: ServiceError = ServiceError::NotFound("workspace");

/// Attempts at a change that others keep getting ahead of.
pub(super) const MAX_ATTEMPTS: usize = 8;

/// One request of a signed-in caller.
#[derive(Debug, Clone)]
pub struct Call {
    pub caller: Caller,
    /// Names this request. A repeat of it by the host has the same one.
    pub write: WriteId,
    pub items: Items,
    pub memberships: Memberships,
    pub continuations: Continuations,
}

impl Call {
    /// Checks that the caller may work in the workspace at level `L`.
    pub(super) async fn authorise<L: MemberLevel>(
        &self,
        id: WorkspaceId,
    ) -> Result<WorkspaceScope<L>, ServiceError> {
        let members = self.members(id).await?;
        Ok(WorkspaceScope::authorise(&members, &self.caller)?)
    }

    /// Reads the workspace as it is now, and checks as [`Call::authorise`] does.
    pub(super) async fn open<L: MemberLevel>(
        &self,
        id: WorkspaceId,
    ) -> Result<(Versioned<StoredWorkspace>, WorkspaceScope<L>), ServiceError> {
        let (workspace, members) = self.memberships.read(&self.items, id).await?;
        let scope = WorkspaceScope::authorise(&members, &self.caller)?;
        Ok((workspace, scope))
    }

    /// The first answer to an idempotency key; errors when the key came with another request.
    pub(super) async fn first_answer<T: DeserializeOwned, L>(
        &self,
        scope: &WorkspaceScope<L>,
        slot: &RecordSlot,
    ) -> Result<Option<T>, ServiceError> {
        let record = self.items.read::<IdempotencyRecord, _>(scope, &slot.id);
        let Some(record) = record.await? else {
            return Ok(None);
        };
        let answer = record.item.answer_to(slot);
        let answer = answer.ok_or(ServiceError::IdempotencyKeyReused)?;
        Ok(serde_json::from_value(answer).ok())
    }

    /// The members of the workspace, as they were a few seconds ago at most.
    pub(super) async fn members(&self, id: WorkspaceId) -> Result<Arc<Members>, ServiceError> {
        if let Some(known) = self.memberships.known(id) {
            return Ok(known);
        }
        let (_, members) = self.memberships.read(&self.items, id).await?;
        Ok(members)
    }
}

pub(super) fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}
