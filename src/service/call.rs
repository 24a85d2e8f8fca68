//! What every service call has: who calls, and what it may reach.

use super::continuation::Continuations;
use super::error::ServiceError;
use super::memberships::Memberships;
use crate::cosmos::etag::Versioned;
use crate::cosmos::items::Items;
use crate::domain::access::{MemberLevel, WorkspaceScope};
use crate::domain::caller::Caller;
use crate::domain::id::WorkspaceId;
use crate::domain::idempotency::RecordSlot;
use crate::domain::member::Members;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::StoredWorkspace;
use crate::domain::write::WriteId;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// As for whoever is no member of it: nobody is a member of what is not there.
pub(super) const NO_WORKSPACE: ServiceError = ServiceError::Hidden;

/// Attempts at a change that others keep getting ahead of.
const MAX_ATTEMPTS: u32 = 24;
/// The pause before an attempt is random and up to this long; the first ones are shorter.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// One request of a signed-in caller.
#[derive(Debug, Clone)]
pub struct Call {
    pub caller: Caller,
    /// Names this request. A repeat of it by the host has the same one.
    pub invocation: Arc<str>,
    pub items: Items,
    pub memberships: Memberships,
    pub continuations: Continuations,
}

impl Call {
    /// Marks what this request writes.
    pub(super) fn write(&self) -> WriteId {
        WriteId::of(&self.caller.id, &self.invocation)
    }

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

    /// The first answer to an idempotency key of this caller; errors when the key came with another
    /// request.
    pub(super) async fn first_answer<T: DeserializeOwned>(
        &self,
        slot: &RecordSlot,
    ) -> Result<Option<T>, ServiceError> {
        let Some(record) = self.items.read_record(slot).await? else {
            return Ok(None);
        };
        let answer = record.answer_to(slot);
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

/// Counts attempts, with a pause between them that lets others get done.
#[derive(Debug, Default)]
pub(super) struct Attempts(u32);

impl Attempts {
    /// Whether to try (again).
    pub(super) async fn next(&mut self) -> bool {
        if self.0 > 0 {
            let longest = Duration::from_millis(4 << self.0.min(8)).min(LONGEST_PAUSE);
            tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        }
        self.0 += 1;
        self.0 <= MAX_ATTEMPTS
    }
}

pub(super) fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}
