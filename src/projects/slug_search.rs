//! Slugs that no other project of the workspace has.

use crate::access::WorkspaceScope;
use crate::projects::SlugReservation;
use crate::projects::slug::Slug;
use cosmos_store::error::StorageError;
use cosmos_store::items::Items;
use cosmos_store::query::Query;

/// Numbered slugs (`plan-2`) that are looked at to find a free one.
const NUMBERED: u32 = 100;

/// Proposes slugs, one after the other, for as long as those proposed are taken.
#[derive(Debug)]
pub(crate) struct SlugSearch {
    wanted: Slug,
    has_looked: bool,
}

impl SlugSearch {
    pub(crate) fn new(wanted: Slug) -> Self {
        Self {
            wanted,
            has_looked: false,
        }
    }

    /// First the wanted slug with the lowest number that is free, found with one query. Should that be
    /// taken meanwhile, many ask for the same name right now: then a random one, not to compete for
    /// the next number.
    pub(crate) async fn next<L>(
        &mut self,
        items: &Items,
        scope: &WorkspaceScope<L>,
    ) -> Result<Slug, StorageError> {
        if self.has_looked {
            return Ok(self.random());
        }
        self.has_looked = true;
        let numbered = Query::<SlugReservation>::new()?
            .and(
                &["STARTSWITH(c.slug, @numbered)"],
                "numbered",
                self.wanted.with_suffix("").as_str(),
            )?
            .order_by(&["c.slug ASC"]);
        let taken = items.query(scope, numbered, NUMBERED).await?;
        let free = (2..=NUMBERED)
            .map(|number| self.numbered(number))
            .find(|slug| taken.iter().all(|reservation| reservation.slug != *slug));
        Ok(free.unwrap_or_else(|| self.random()))
    }

    pub(crate) fn numbered(&self, number: u32) -> Slug {
        self.wanted.with_suffix(&number.to_string())
    }

    pub(crate) fn random(&self) -> Slug {
        let suffix: String =
            std::iter::repeat_with(|| fastrand::alphanumeric().to_ascii_lowercase())
                .take(8)
                .collect();
        self.wanted.with_suffix(&suffix)
    }
}
