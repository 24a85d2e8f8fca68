//! Finishing a move that has begun. Whoever meets one does that, any number of times.

use super::MoveScopes;
use super::intents::forget_if_possible;
use super::protocol::{End, Holder, Seen, Step, next};
use crate::error::ServiceError;
use crate::projects::moves::{LastMove, Mark};
use crate::projects::slug::Slug;
use crate::projects::slug_search::SlugSearch;
use crate::projects::{Project, SlugReservation, StoredProject};
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

/// Operations of the batch in which a project arrives. The record comes first: a project that has
/// arrived has arrived, whatever became of the workspace since.
const RECORD_MOVE: usize = 0;
const TOUCH_MARKER: usize = 1;
const RESERVE_SLUG: usize = 2;
const WRITE_PROJECT: usize = 3;
/// The operation of the batch in which it leaves that keeps the answer.
const KEEP_ANSWER: usize = 3;

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
    project: Versioned<StoredProject>,
) -> Result<Outcome, ServiceError> {
    let Some(mark) = project.item.mark().cloned() else {
        return Ok(Outcome::Stays(project));
    };
    let scopes = mark.scopes(project.item.workspace_id());
    let intent = mark.intent(project.item.id, project.item.workspace_id());
    let number = project.item.next_move();
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
        let slug = marked.item.slug.clone();
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
                let settled = reopening::settle(self.items, self.mark.to).await?;
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
                let leaving = copy.is_some_and(|copy| copy.item.mark().is_some());
                Ok(Seen::Copy { leaving })
            }
            Step::FinishEarlier => {
                if let Some(copy) = self.copy().await? {
                    Box::pin(settle(self.items, copy)).await?;
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
        self.marked
            .item
            .clone()
            .arrived(&self.mark, self.slug.clone())
    }

    async fn arrive(&mut self) -> Result<Seen, ServiceError> {
        let arriving = self.arriving();
        let record = LastMove::new(arriving.id, self.mark.to, arriving.moves);
        let batch = Batch::new(&self.scopes.to);
        let batch = match &self.last_move {
            Some(last) => batch.replace(&record, &last.etag)?,
            None => batch.create(&record)?,
        };
        let batch = batch
            .rewrite(&OpenMarker::of(self.mark.to))?
            .create(&arriving.reservation())?
            .create(&arriving)?;
        let Err(failure) = self.items.execute(batch).await else {
            self.arrived = Some(arriving);
            return Ok(Seen::Arrived);
        };
        match (failure.operation, failure.error) {
            (Some(RECORD_MOVE), StorageError::AlreadyExists | StorageError::Changed) => {
                Ok(Seen::MovedBefore)
            }
            (Some(TOUCH_MARKER), StorageError::NotFound) => Ok(Seen::NotOpen),
            (Some(RESERVE_SLUG), StorageError::AlreadyExists) => Ok(Seen::SlugTaken),
            (Some(WRITE_PROJECT), StorageError::AlreadyExists) => Ok(Seen::ProjectThere),
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
        let moved = Project::from(arrived.clone());
        let (project, number) = (&self.marked.item, self.marked.item.next_move());
        let mut batch = Batch::new(&self.scopes.from)
            .delete(&project.id(), Some(&self.marked.etag))
            .delete(&project.reservation().id(), None)
            .put(&LastMove::new(project.id, project.workspace_id(), number))?;
        if with_answer {
            batch = batch.create(&self.mark.slot.filled(&moved))?;
        }
        match self.items.execute(batch).await {
            Err(BatchFailure {
                operation: Some(KEEP_ANSWER),
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
        let stays = self.marked.item.clone();
        let stays = stays.with_mark(None, WriteId::random());
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
