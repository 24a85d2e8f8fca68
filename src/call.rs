//! What every service call has: who calls, and what it may reach.

use crate::access::{AnyCaller, Level, MemberLevel, WorkspaceScope};
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::Role;
use crate::members::cache::{Known, Memberships};
use crate::members::follow::Following;
use crate::problems;
use crate::state::AppState;
use crate::workspaces::{StoredWorkspace, stored};
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
use rest::text::Name;
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

    /// Checks that the caller may work in the workspace at level `L`.
    pub(crate) async fn authorise(&self, id: WorkspaceId) -> Result<WorkspaceScope<L>, ServiceError>
    where
        L: MemberLevel,
    {
        WorkspaceScope::authorise(id, self.role(id).await?)
    }

    /// Reads the workspace as it is now, and checks as [`Call::authorise`] does. The caller's own list gets to know
    /// what it is called now, or that it is gone.
    pub(crate) async fn open(
        &self,
        id: WorkspaceId,
    ) -> Result<(Versioned<StoredWorkspace>, WorkspaceScope<L>), ServiceError>
    where
        L: MemberLevel,
    {
        let user = &self.caller.id;
        let known = self.memberships.of(&self.items, id, user).await?;
        let scope = WorkspaceScope::authorise(id, known.role)?;
        let found = stored::read(&self.items, id).await?;
        let name = found.as_ref().map(|found| &found.item.fields.name);
        self.follow(id, &known, name).await;
        Ok((found.ok_or(NO_WORKSPACE)?, scope))
    }

    /// Brings the caller's own list up to date if it has another name for the workspace. That of others follows when
    /// they open it.
    pub(crate) async fn follow(&self, id: WorkspaceId, known: &Known, name: Option<&Name>) {
        if known.mirrored.as_ref() != name {
            let following = Following::new(&self.items, id, &self.caller.id);
            following.run_if_possible().await;
            self.memberships.forget(id, &self.caller.id);
        }
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

    /// What the caller may do in the workspace, as it was a few seconds ago at most.
    pub(crate) async fn role(&self, id: WorkspaceId) -> Result<Option<Role>, ServiceError> {
        let known = self.memberships.of(&self.items, id, &self.caller.id);
        Ok(known.await?.role)
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
