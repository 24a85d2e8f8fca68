//! The rules of a move, without storage: what to do next, by what the last step has shown.
//!
//! The service carries the steps out. The tests explore every order in which several of them can happen.

/// What the last step has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    /// The project that somebody wants to move.
    Project(Found),
    /// Whether the project of an intent still has the intent's mark.
    Intent {
        marked: bool,
    },
    Marked,
    Arrived,
    /// The target has a record of a move of this project.
    MovedBefore,
    /// The number of the move in that record.
    LastMove(Option<u32>),
    /// The target has no marker that says that it is open.
    NotOpen,
    /// What became of the target.
    Target {
        gone: bool,
    },
    SlugTaken,
    SlugOf(Holder),
    SlugChosen,
    /// The target has a project of this id.
    ProjectThere,
    /// The project in the target.
    Copy {
        leaving: bool,
    },
    EarlierFinished,
    /// It is removed from where it was, by this step or by somebody else.
    Left,
    /// The idempotency key of the move has another answer by now.
    KeyUsed,
    Unmarked,
    /// Somebody else has finished the move, one way or the other.
    MarkGone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Found {
    Free,
    /// It has the mark of this very request.
    MarkedBySelf,
    MarkedByOther,
}

/// Who has a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Nobody,
    ThisProject,
    AnotherProject,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Keeps an intent, and marks the project if it has not been changed since.
    Begin,
    Arrive,
    ReadLastMove,
    /// Looks whether the target is there; opens it again when it is being deleted.
    SettleTarget,
    ReadSlug,
    ChooseSlug,
    ReadCopy,
    /// Finishes the move in which the project leaves the target.
    FinishEarlier,
    /// Finishes the move that somebody else began, and tells the caller to come back.
    FinishOther,
    Leave,
    LeaveWithoutAnswer,
    Unmark,
    /// Removes the intent, and ends.
    Forget(End),
    End(End),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Moved,
    Stays,
    /// Others were faster: the caller looks again.
    Overtaken,
}

/// The next step of the move with this number, counted from 1 in the life of its project.
pub(crate) fn next(number: u32, seen: Seen) -> Step {
    match seen {
        Seen::Project(Found::Free) => Step::Begin,
        Seen::Project(Found::MarkedByOther) => Step::FinishOther,
        // Never marked, or finished but for the intent.
        Seen::Intent { marked: false } => Step::Forget(End::Overtaken),
        Seen::MovedBefore => Step::ReadLastMove,
        Seen::LastMove(Some(last)) if last >= number => Step::Leave,
        Seen::NotOpen => Step::SettleTarget,
        // Nobody can make it arrive any more.
        Seen::Target { gone: true } => Step::Unmark,
        Seen::SlugTaken => Step::ReadSlug,
        Seen::SlugOf(Holder::AnotherProject) => Step::ChooseSlug,
        // Its own, from before it left the target.
        Seen::SlugOf(Holder::ThisProject) | Seen::ProjectThere => Step::ReadCopy,
        Seen::Copy { leaving: true } => Step::FinishEarlier,
        Seen::Arrived => Step::Leave,
        Seen::KeyUsed => Step::LeaveWithoutAnswer,
        Seen::Left => Step::Forget(End::Moved),
        Seen::Unmarked => Step::Forget(End::Stays),
        Seen::MarkGone => Step::End(End::Overtaken),
        // What was in the way is not there any more, which says nothing about whether the project has
        // arrived: the record says that, which the arrival looks at first.
        Seen::Copy { leaving: false }
        | Seen::SlugOf(Holder::Nobody)
        | Seen::LastMove(_)
        | Seen::Project(Found::MarkedBySelf)
        | Seen::Intent { marked: true }
        | Seen::Marked
        | Seen::Target { gone: false }
        | Seen::SlugChosen
        | Seen::EarlierFinished => Step::Arrive,
    }
}
