//! The projects that a batch creates, each with a slug of its own.

use crate::access::{CanEdit, WorkspaceScope};
use crate::call::{Call, now};
use crate::id::{ProjectId, WorkspaceId};
use crate::projects::batch::Operation;
use crate::projects::slug::Slug;
use crate::projects::slug_search::SlugSearch;
use crate::projects::{SlugReservation, StoredProject};
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use futures::future::try_join_all;
use std::collections::HashSet;

/// The projects that the batch makes, by the index of their operation.
pub(super) struct Made(pub(super) Vec<Option<(StoredProject, SlugSearch)>>);

impl Made {
    pub(super) fn new(call: &Call, workspace_id: WorkspaceId, operations: &[Operation]) -> Self {
        let mut taken = HashSet::new();
        let made = operations.iter().map(|operation| {
            let Operation::Create { project: body } = operation else {
                return None;
            };
            let id = ProjectId::generate();
            let mut project = StoredProject::create(
                id,
                workspace_id,
                body.clone(),
                &call.caller,
                now(),
                call.write(),
            );
            let search = SlugSearch::new(project.slug.clone());
            let numbered = (2..).map(|number: u32| search.numbered(number));
            let free = std::iter::once(project.slug.clone())
                .chain(numbered)
                .find(|slug| taken.insert(slug.clone()));
            project.slug = free.unwrap_or_else(|| search.random());
            Some((project, search))
        });
        Self(made.collect())
    }

    pub(super) fn projects(&self) -> Vec<StoredProject> {
        let made = self.0.iter().flatten();
        made.map(|(project, _)| project.clone()).collect()
    }

    fn slugs(&self) -> impl Iterator<Item = &Slug> {
        self.0.iter().flatten().map(|(project, _)| &project.slug)
    }

    /// One slug was found taken. Others may be, too: all are looked up, and all that are taken replaced.
    pub(super) async fn choose_other_slugs(
        &mut self,
        call: &Call,
        scope: &WorkspaceScope<CanEdit>,
        found: usize,
    ) -> Result<(), StorageError> {
        let look_ups = self.0.iter().map(async |made| match made {
            Some((project, _)) => {
                let id = project.reservation().id();
                let taken = call.items.read::<SlugReservation>(scope, &id).await?;
                Ok::<_, StorageError>(taken.is_some())
            }
            None => Ok(false),
        });
        let mut taken = try_join_all(look_ups).await?;
        taken[found] = true;
        let mut used: HashSet<_> = self.slugs().cloned().collect();
        let made = self.0.iter_mut().zip(taken).filter(|(_, taken)| *taken);
        for (project, search) in made.filter_map(|(made, _)| made.as_mut()) {
            let next = search.next(&call.items, scope).await?;
            project.slug = if used.contains(&next) {
                search.random()
            } else {
                next
            };
            used.insert(project.slug.clone());
        }
        Ok(())
    }
}
