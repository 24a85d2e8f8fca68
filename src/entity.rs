//! What an editor and a viewer do with the entities of a workspace.

use crate::access::{CanEdit, CanView, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::once::{Once, Plan, Planning, Step};
use cosmos_store::batch::Batch;
use cosmos_store::change::Decision;
use cosmos_store::etag::Versioned;
use cosmos_store::idempotency::IdempotencyKey;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use rest::entity::{Create, Entity, NoState, Resource, State, Stored};
use rest::list::{ListQuery, Listed};
use rest::page::Page;
use rest::patch::Patch;
use rest::precondition::Precondition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an entity belongs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InWorkspace {
    pub workspace_id: WorkspaceId,
}

/// An entity of a workspace, as callers see it.
pub type Shown<T> = Resource<T, InWorkspace>;

impl Call<CanEdit> {
    /// Creates an entity, once for each key.
    pub async fn create<T: Entity>(
        &self,
        workspace_id: WorkspaceId,
        Create(fields): Create<T>,
        key: &IdempotencyKey,
    ) -> Result<Versioned<Shown<T>>, ServiceError> {
        let scope = self.authorise(workspace_id).await?;
        let item = Stored::new(fields, NoState {}, &self.caller, self.write());
        let shown = item.clone().shown(InWorkspace { workspace_id });
        let creation = Creation {
            scope: &scope,
            item,
            shown,
        };
        let once = self.write_once(&scope, key, creation).await?;
        self.created::<T, NoState, _, _>(&scope, once, ()).await
    }

    /// The entity that was created by `step`, now or before. A repeat gets its version only if nobody has changed it
    /// since.
    pub(crate) async fn created<T: Entity, S: State, L: PartialEq, P>(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        once: Once<L, Resource<T, P>>,
        step: L,
    ) -> Result<Versioned<Resource<T, P>>, ServiceError> {
        let item = match once {
            Once::Done(item, written) => {
                let etag = written.etag(&Step::Own(step));
                return Ok(Versioned { item, etag });
            }
            Once::Before(item) => item,
        };
        let id = item.id.to_string();
        let found = self.items.read::<Stored<T, S>>(scope, &id).await?;
        let as_created = found.filter(|found| found.item.updated_at.is_none());
        let etag = as_created.map(|found| found.etag).unwrap_or_default();
        Ok(Versioned { item, etag })
    }

    /// Changes an entity as the merge patch says.
    pub async fn update<T: Entity>(
        &self,
        workspace_id: WorkspaceId,
        id: T::Id,
        precondition: &Precondition,
        patch: &Patch<T>,
    ) -> Result<Versioned<Shown<T>>, ServiceError> {
        let scope = self.authorise(workspace_id).await?;
        let any = |_item: &Stored<T>| Ok(());
        let changed = self.patch(&scope, id, precondition, patch, any).await?;
        Ok(changed.map(|item| item.shown(InWorkspace { workspace_id })))
    }

    /// Changes an entity if it `may` be changed.
    pub(crate) async fn patch<T: Entity, S: State>(
        &self,
        scope: &WorkspaceScope<CanEdit>,
        id: T::Id,
        precondition: &Precondition,
        patch: &Patch<T>,
        may: impl Fn(&Stored<T, S>) -> Result<(), ServiceError>,
    ) -> Result<Versioned<Stored<T, S>>, ServiceError> {
        let write = self.write();
        let decide = |latest: Option<Versioned<Stored<T, S>>>| {
            let latest = latest.ok_or(ServiceError::NotFound(T::KIND))?;
            may(&latest.item)?;
            precondition.check(&latest.etag)?;
            if patch.is_empty() {
                return Ok(Decision::Keep(latest));
            }
            let fields = patch.apply(&latest.item.fields)?;
            Ok::<_, ServiceError>(Decision::Write(latest.item.changed(fields, write)))
        };
        let id = id.to_string();
        let changed = self.items.change(scope, &id, write, decide).await?;
        Ok(changed.0)
    }

    /// Deletes an entity.
    pub async fn delete<T: Entity>(
        &self,
        workspace_id: WorkspaceId,
        id: T::Id,
        precondition: &Precondition,
    ) -> Result<(), ServiceError> {
        let scope = self.authorise(workspace_id).await?;
        let decide = |latest: Option<Versioned<Stored<T>>>| {
            let latest = latest.ok_or(ServiceError::NotFound(T::KIND))?;
            precondition.check(&latest.etag)?;
            Ok::<_, ServiceError>(latest.etag)
        };
        self.items.remove(&scope, &id.to_string(), decide).await
    }
}

impl Call<CanView> {
    /// Reads an entity.
    pub async fn read<T: Entity>(
        &self,
        workspace_id: WorkspaceId,
        id: T::Id,
    ) -> Result<Versioned<Shown<T>>, ServiceError> {
        if !self.items.is_configured() {
            return Err(ServiceError::NotFound(T::KIND));
        }
        let scope = self.authorise(workspace_id).await?;
        let id = id.to_string();
        let found = self.items.read::<Stored<T>>(&scope, &id).await?;
        let found = found.ok_or(ServiceError::NotFound(T::KIND))?;
        Ok(found.map(|item| item.shown(InWorkspace { workspace_id })))
    }

    /// Lists the entities of a workspace.
    pub async fn list<T: Entity + Listed>(
        &self,
        workspace_id: WorkspaceId,
        query: &ListQuery<T>,
    ) -> Result<Page<Shown<T>>, ServiceError> {
        if !self.items.is_configured() {
            return Ok(Page::empty());
        }
        let scope = self.authorise(workspace_id).await?;
        let page = self.page::<T, NoState>(&scope, query).await?;
        Ok(page.map(|item| item.shown(InWorkspace { workspace_id })))
    }

    pub(crate) async fn page<T: Entity + Listed, S: State>(
        &self,
        scope: &WorkspaceScope<CanView>,
        query: &ListQuery<T>,
    ) -> Result<Page<Stored<T, S>>, ServiceError> {
        let place = (T::KIND, scope.workspace_id());
        let all = Query::<Stored<T, S>>::new()?;
        let sql = query.query::<_, ServiceError>(all, &place)?;
        let limit = query.limit().plus_one();
        let found = self.items.query(scope, sql, limit).await?;
        Ok(query.page(found, &place))
    }
}

/// Creates one item, whose id is new.
struct Creation<'a, T: Entity> {
    scope: &'a WorkspaceScope<CanEdit>,
    item: Stored<T>,
    shown: Shown<T>,
}

impl<T: Entity> Planning for Creation<'_, T> {
    type Step = ();
    type Answer = Shown<T>;

    async fn plan(&mut self, _conflict: Option<()>) -> Result<Plan<(), Shown<T>>, ServiceError> {
        Ok(Plan {
            batch: Batch::new(self.scope).create(Step::Own(()), &self.item)?,
            answer: self.shown.clone(),
            made: vec![self.item.id()],
        })
    }
}
