//! What every service call has: who calls, and what it may reach.

use crate::access::{AnyCaller, Level, MemberLevel, Signed, WorkspaceScope};
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::cache::Memberships;
use crate::members::{Members, Role};
use crate::problems;
use crate::state::AppState;
use crate::workspaces::StoredWorkspace;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::RecordSlot;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;
use rest::context::Context;
use rest::identity::Caller;
use rest::openapi::{Describe, Operation};
use rest::problem::Problem;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;

/// One request of a signed-in caller, who may work in a workspace at level `L`.
#[derive(Debug)]
pub struct Call<L = AnyCaller> {
    pub caller: Caller,
    /// Names this request. A repeat of it by the host has the same one.
    pub invocation: Arc<str>,
    pub items: Items,
    pub memberships: Memberships,
    level: PhantomData<fn() -> L>,
}

impl<L> Call<L> {
    /// Marks what this request writes.
    pub(crate) fn write(&self) -> WriteId {
        WriteId::of(self.caller.id.as_str(), &self.invocation)
    }

    /// Who asks for a change.
    pub(crate) fn signed(&self) -> Signed<'_> {
        Signed {
            items: &self.items,
            caller: &self.caller,
            write: self.write(),
        }
    }

    /// Checks that the caller may work in the workspace at level `L`.
    pub(crate) async fn authorise(&self, id: WorkspaceId) -> Result<WorkspaceScope<L>, ServiceError>
    where
        L: MemberLevel,
    {
        let members = self.members(id).await?;
        Ok(WorkspaceScope::authorise(&members, &self.caller)?)
    }

    /// Reads the workspace as it is now, and checks as [`Call::authorise`] does.
    pub(crate) async fn open(
        &self,
        id: WorkspaceId,
    ) -> Result<(Versioned<StoredWorkspace>, WorkspaceScope<L>), ServiceError>
    where
        L: MemberLevel,
    {
        let (workspace, members) = self.memberships.read(&self.items, id).await?;
        let scope = WorkspaceScope::authorise(&members, &self.caller)?;
        Ok((workspace, scope))
    }

    /// The first answer to an idempotency key of this caller; errors when the key came with another
    /// request.
    pub(crate) async fn first_answer<T: DeserializeOwned>(
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
    pub(crate) async fn members(&self, id: WorkspaceId) -> Result<Arc<Members>, ServiceError> {
        if let Some(known) = self.memberships.known(id) {
            return Ok(known);
        }
        let (_, members) = self.memberships.read(&self.items, id).await?;
        Ok(members)
    }
}

/// What a protected route needs; 401 without a caller.
impl<L> FromRequestParts<AppState> for Call<L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let context = Context::from_request_parts(parts, state).await;
        let context = context.unwrap_or_else(|never| match never {});
        Ok(Self {
            caller,
            items: context.items(),
            invocation: context.invocation,
            memberships: state.memberships.clone(),
            level: PhantomData,
        })
    }
}

impl<L: Level> Describe for Call<L> {
    fn describe(operation: &mut Operation<'_>) {
        operation.for_callers();
        if L::NEEDED > Role::Viewer {
            operation.problems(&[&problems::ROLE_TOO_LOW]);
        }
    }
}
