//! The projects that a batch creates, each with a slug of its own.

use crate::access::{CanEdit, WorkspaceScope};
use crate::call::Call;
use crate::projects::batch::Operation;
use crate::projects::slug::Slug;
use crate::projects::slug_search::SlugSearch;
use crate::projects::{ProjectState, SlugReservation, StoredProject, reservation};
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use futures::future::try_join_all;
use rest::entity::{Create, Stored};
use std::collections::HashSet;

/// The projects that the batch makes, by the index of their operation.
pub(super) struct Made(Vec<Option<(StoredProject, SlugSearch)>>);

impl Made {
    pub(super) fn new(call: &Call<CanEdit>, operations: &[Operation]) -> Self {
        let mut taken = HashSet::new();
        let made = operations.iter().map(|operation| {
            let Operation::Create(Create(fields)) = operation else {
                return None;
            };
            let state = ProjectState::new(&fields.name);
            let search = SlugSearch::new(state.slug.clone());
            let mut project = Stored::new(fields.clone(), state, &call.caller, call.write());
            let numbered = (2..).map(|number: u32| search.numbered(number));
            let free = std::iter::once(project.state.slug.clone())
                .chain(numbered)
                .find(|slug| taken.insert(slug.clone()));
            project.state.slug = free.unwrap_or_else(|| search.random());
            Some((project, search))
        });
        Self(made.collect())
    }

    pub(super) fn project(&self, index: usize) -> Option<&StoredProject> {
        self.0.get(index)?.as_ref().map(|(project, _)| project)
    }

    /// The ids of the items that the batch makes.
    pub(super) fn ids(&self) -> Vec<String> {
        let made = self.0.iter().flatten();
        made.flat_map(|(project, _)| [reservation(project).id(), project.id()])
            .collect()
    }

    fn slugs(&self) -> impl Iterator<Item = &Slug> {
        self.0
            .iter()
            .flatten()
            .map(|(project, _)| &project.state.slug)
    }

    /// One slug was found taken. Others may be, too: all are looked up, and all that are taken replaced.
    pub(super) async fn choose_other_slugs(
        &mut self,
        call: &Call<CanEdit>,
        scope: &WorkspaceScope<CanEdit>,
        found: usize,
    ) -> Result<(), StorageError> {
        let look_ups = self.0.iter().map(async |made| match made {
            Some((project, _)) => {
                let id = reservation(project).id();
                let taken = call.items.read::<SlugReservation>(scope, &id).await?;
                Ok::<_, StorageError>(taken.is_some())
            }
            None => Ok(false),
        });
        let mut taken = try_join_all(look_ups).await?;
        taken[found] = true;
        let mut used: HashSet<_> = self.slugs().cloned().collect();
        let made = self.0.iter_mut().zip(taken).filter(|(_, taken)| *taken);
        let searches = made
            .filter_map(|(made, _)| made.as_mut())
            .map(async |(project, search)| {
                let next = search.next(&call.items, scope).await?;
                Ok::<_, StorageError>((project, search, next))
            });
        for (project, search, next) in try_join_all(searches).await? {
            project.state.slug = if used.contains(&next) {
                search.random()
            } else {
                next
            };
            used.insert(project.state.slug.clone());
        }
        Ok(())
    }
}
