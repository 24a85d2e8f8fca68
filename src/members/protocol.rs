//! How a user's own list follows what a workspace says of its members, without storage: what to do next, by what the
//! last step has shown. The tests explore every order in which the steps of several requests can happen.
//!
//! The two items are in two partitions: no batch spans them. The member's item decides. A request that changes it, or
//! finds it changed and the list behind, brings the list up to date:
//!
//! 1. The *list* is read first, and written only if it is still as it was read.
//! 2. The *member* is read and *claimed*: written, if it is still as it was read, as one that the list may not agree
//!    with. A read may be stale, but this write proves that it was not. A change of the member is a claim as well.
//! 3. The list is *written* as the claimed member says. The end of a membership is written, too, and kept for a day:
//!    a request that has read an empty list cannot write there any more.
//! 4. The member is *settled* if nobody has claimed it since: it says that the list agrees, or, if the membership
//!    has ended, is deleted.
//!
//! A request that is stopped on the way leaves a member that is not settled, and the next request to meet it sees that.

/// What the last step has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    Nothing,
    Mirror,
    /// Whether the list is known to say what the member's item says.
    Member {
        agrees: bool,
    },
    Claimed,
    Mirrored,
    /// Somebody else has written first.
    Overtaken,
    Settled,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    ReadMirror,
    ReadMember,
    Claim,
    WriteMirror,
    Settle,
    End,
}

pub(crate) fn next(seen: Seen) -> Step {
    match seen {
        Seen::Nothing | Seen::Overtaken => Step::ReadMirror,
        Seen::Mirror => Step::ReadMember,
        Seen::Member { agrees: false } => Step::Claim,
        Seen::Claimed => Step::WriteMirror,
        Seen::Mirrored => Step::Settle,
        Seen::Member { agrees: true } | Seen::Settled => Step::End,
    }
}
