//! Finishing a move that has begun. Every request that meets one does this, any number of times.

use super::MoveScopes;
use super::intents::forget_if_possible;
use super::marking::{arrived, with_mark};
use super::protocol::{End, Holder, Seen, Step, next};
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::projects::moves::{LastMove, Mark};
use crate::projects::slug::Slug;
use crate::projects::slug_search::SlugSearch;
use crate::projects::{Project, SlugReservation, StoredProject, reservation, shown};
use crate::workspaces::OpenMarker;
use crate::workspaces::reopening::{self, Settled};
use cosmos_store::batch::{Batch, BatchFailure};
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;

/// What became of a project that may have been on its way.
#[derive(Debug)]
pub(crate) enum Outcome {
    Stays(Versioned<StoredProject>),
    Moved(Project),
}

/// What the batch in which a project arrives writes. The record comes first: a project that has arrived has arrived,
/// whatever became of the workspace since.
#[derive(Debug, Clone)]
enum Arriving {
    LastMove,
    Marker,
    Slug,
    Project,
}

/// What the batch in which it leaves writes and deletes.
#[derive(Debug, Clone)]
enum Leaving {
    Project,
    Slug,
    LastMove,
    Answer,
}

/// A move that is being finished.
struct Finishing<'a> {
    items: &'a Items,
    scopes: MoveScopes,
    mark: Mark,
    marked: Versioned<StoredProject>,
    slug: Slug,
    slugs: SlugSearch,
    /// The target's record of an earlier move.
    last_move: Option<Versioned<LastMove>>,
    /// The project as it arrived by this very process.
    arrived: Option<StoredProject>,
    /// What became of it, for the caller.
    outcome: Option<Outcome>,
}

/// What becomes of the project. A move that is half done is finished first.
pub(crate) async fn settle(
    items: &Items,
    from: WorkspaceId,
    project: Versioned<StoredProject>,
) -> Result<Outcome, ServiceError> {
    let Some(mark) = project.item.state.mark().cloned() else {
        return Ok(Outcome::Stays(project));
    };
    let scopes = mark.scopes(from);
    let intent = mark.intent(project.item.id, from);
    let number = project.item.state.next_move();
    let mut finishing = Finishing::new(items, scopes, mark, project);
    let mut attempts = Attempts::default();
    let mut seen = Seen::Marked;
    let end = loop {
        let step = next(number, seen);
        if step == Step::Arrive && !attempts.next().await {
            return Err(ServiceError::Contended);
        }
        match step {
            Step::End(end) => break end,
            Step::Forget(end) => {
                forget_if_possible(items, intent).await;
                break end;
            }
            step => seen = finishing.carry_out(step).await?,
        }
    };
    match (end, finishing.outcome) {
        (End::Moved | End::Stays, Some(outcome)) => Ok(outcome),
        _ => Err(ServiceError::Moving),
    }
}

impl<'a> Finishing<'a> {
    fn new(
        items: &'a Items,
        scopes: MoveScopes,
        mark: Mark,
        marked: Versioned<StoredProject>,
    ) -> Self {
        let slug = marked.item.state.slug.clone();
        Self {
            items,
            scopes,
            mark,
            marked,
            slugs: SlugSearch::new(slug.clone()),
            slug,
            last_move: None,
            arrived: None,
            outcome: None,
        }
    }

    async fn carry_out(&mut self, step: Step) -> Result<Seen, ServiceError> {
        match step {
            Step::Arrive => self.arrive().await,
            Step::ReadLastMove => {
                let id = LastMove::id_of(self.marked.item.id);
                self.last_move = self.items.read(&self.scopes.to, &id).await?;
                let last = self.last_move.as_ref().map(|last| last.item.number);
                Ok(Seen::LastMove(last))
            }
            Step::SettleTarget => {
                let settled = reopening::put_marker_back(self.items, self.mark.to).await?;
                let gone = settled == Settled::Gone;
                Ok(Seen::Target { gone })
            }
            Step::ReadSlug => self.read_slug().await,
            Step::ChooseSlug => {
                self.slug = self.slugs.next(self.items, &self.scopes.to).await?;
                Ok(Seen::SlugChosen)
            }
            Step::ReadCopy => {
                let copy = self.copy().await?;
                let leaving = copy.is_some_and(|copy| copy.item.state.mark().is_some());
                Ok(Seen::Copy { leaving })
            }
            Step::FinishEarlier => {
                if let Some(copy) = self.copy().await? {
                    Box::pin(settle(self.items, self.mark.to, copy)).await?;
                }
                Ok(Seen::EarlierFinished)
            }
            Step::Leave => self.leave(true).await,
            Step::LeaveWithoutAnswer => self.leave(false).await,
            Step::Unmark => self.unmark().await,
            // They belong to the beginning.
            Step::Begin | Step::FinishOther | Step::Forget(_) | Step::End(_) => {
                Err(ServiceError::Moving)
            }
        }
    }

    /// The project in the target.
    async fn copy(&self) -> Result<Option<Versioned<StoredProject>>, StorageError> {
        let id = self.marked.item.id();
        self.items.read(&self.scopes.to, &id).await
    }

    fn arriving(&self) -> StoredProject {
        arrived(self.marked.item.clone(), &self.mark, self.slug.clone())
    }

    async fn arrive(&mut self) -> Result<Seen, ServiceError> {
        let arriving = self.arriving();
        let record = LastMove::new(arriving.id, arriving.state.moves);
        let batch = Batch::new(&self.scopes.to);
        let batch = match &self.last_move {
            Some(last) => batch.replace(Arriving::LastMove, &record, Some(&last.etag))?,
            None => batch.create(Arriving::LastMove, &record)?,
        };
        let batch = batch
            .replace(Arriving::Marker, &OpenMarker::default(), None)?
            .create(Arriving::Slug, &reservation(&arriving))?
            .create(Arriving::Project, &arriving)?;
        let Err(failure) = self.items.execute(batch).await else {
            self.arrived = Some(arriving);
            return Ok(Seen::Arrived);
        };
        match (failure.step, failure.error) {
            (Some(Arriving::LastMove), StorageError::AlreadyExists | StorageError::Changed) => {
                Ok(Seen::MovedBefore)
            }
            (Some(Arriving::Marker), StorageError::NotFound) => Ok(Seen::NotOpen),
            (Some(Arriving::Slug), StorageError::AlreadyExists) => Ok(Seen::SlugTaken),
            (Some(Arriving::Project), StorageError::AlreadyExists) => Ok(Seen::ProjectThere),
            (_, error) => Err(error.into()),
        }
    }

    async fn read_slug(&self) -> Result<Seen, ServiceError> {
        let id = SlugReservation::id_of(&self.slug);
        let found = self.items.read::<SlugReservation>(&self.scopes.to, &id);
        let holder = match found.await?.map(|found| found.item.project_id) {
            None => Holder::Nobody,
            Some(id) if id == self.marked.item.id => Holder::ThisProject,
            Some(_) => Holder::AnotherProject,
        };
        Ok(Seen::SlugOf(holder))
    }

    /// Removes what the project leaves behind, and keeps the answer for repeats of the request.
    async fn leave(&mut self, with_answer: bool) -> Result<Seen, ServiceError> {
        let arrived = match self.arrived.take() {
            Some(arrived) => arrived,
            // Somebody else was here. What arrived may have been changed since.
            None => match self.copy().await? {
                Some(copy) => copy.item,
                None => self.arriving(),
            },
        };
        let moved = shown(arrived.clone(), self.mark.to);
        let project = &self.marked.item;
        let mut batch = Batch::new(&self.scopes.from)
            .delete(Leaving::Project, &project.id(), Some(&self.marked.etag))
            .delete(Leaving::Slug, &reservation(project).id(), None)
            .upsert(
                Leaving::LastMove,
                &LastMove::new(project.id, project.state.next_move()),
            )?;
        if with_answer {
            batch = batch.create(Leaving::Answer, &self.mark.slot.filled(&moved))?;
        }
        match self.items.execute(batch).await {
            Err(BatchFailure {
                step: Some(Leaving::Answer),
                error: StorageError::AlreadyExists,
            }) => {
                self.arrived = Some(arrived);
                return Ok(Seen::KeyUsed);
            }
            Ok(_) => {}
            Err(failure) => match failure.error {
                // Somebody else has done it.
                StorageError::NotFound | StorageError::Changed => {}
                error => return Err(error.into()),
            },
        }
        self.outcome = Some(Outcome::Moved(moved));
        Ok(Seen::Left)
    }

    async fn unmark(&mut self) -> Result<Seen, ServiceError> {
        let stays = with_mark(self.marked.item.clone(), None, WriteId::random());
        let etag = &self.marked.etag;
        match self.items.replace(&self.scopes.from, stays, etag).await {
            Ok(stays) => {
                self.outcome = Some(Outcome::Stays(stays));
                Ok(Seen::Unmarked)
            }
            Err(StorageError::Changed | StorageError::NotFound) => Ok(Seen::MarkGone),
            Err(error) => Err(error.into()),
        }
    }
}
