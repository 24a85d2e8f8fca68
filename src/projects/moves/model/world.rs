//! What storage holds, and one move that is being finished by the service's own rules.

use super::super::protocol::{Holder, Seen, Step};
use std::collections::BTreeSet;

pub(super) type Rule = fn(u32, Seen) -> Step;

const SLUGS: usize = 4;

/// The project in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Copy {
    pub(super) etag: u8,
    pub(super) moves: u32,
    pub(super) slug: usize,
    pub(super) patched: bool,
    pub(super) mark: Option<Mark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    pub(super) intent: usize,
    pub(super) to: usize,
    pub(super) key: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Workspace {
    #[default]
    Open,
    Closing,
    Gone,
}

/// A workspace's partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Place {
    pub(super) copy: Option<Copy>,
    /// What a stale read may show.
    pub(super) before: Option<Copy>,
    etags: u8,
    /// By slug; true is the project of the model.
    pub(super) slugs: [Option<bool>; SLUGS],
    last_move: Option<u32>,
    pub(super) workspace: Workspace,
    pub(super) version: u8,
    /// Whether another project was made here.
    pub(super) created: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct World {
    pub(super) places: [Place; 3],
    /// With the workspace in which the move began.
    pub(super) intents: BTreeSet<(usize, usize)>,
    /// Keys that have their answer.
    pub(super) answers: BTreeSet<usize>,
    pub(super) is_deleted: bool,
    pub(super) is_patched: bool,
    /// Whether a creation was answered 201.
    pub(super) is_created: bool,
}

/// A move that somebody finishes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Finishing {
    from: usize,
    marked: Copy,
    mark: Mark,
    slug: usize,
    last_move: Option<u32>,
    pub(super) seen: Seen,
}

/// What came of a step.
pub(super) enum Done {
    Step,
    /// Another move is to be finished first.
    Earlier(Finishing),
    End,
}

impl Place {
    pub(super) fn put(&mut self, copy: Option<Copy>) {
        self.before = self.copy;
        self.etags += 1;
        let etag = self.etags;
        self.copy = copy.map(|copy| Copy { etag, ..copy });
    }

    /// Writes in place of this version, if it is still there.
    pub(super) fn replace(&mut self, old: Copy, new: Option<Copy>) -> bool {
        let is_there = self.copy.is_some_and(|copy| copy.etag == old.etag);
        if is_there {
            self.put(new);
            if new.is_none() {
                self.slugs[old.slug] = None;
            }
        }
        is_there
    }

    pub(super) fn set(&mut self, workspace: Workspace) {
        self.workspace = workspace;
        self.version += 1;
    }

    /// Opens the workspace again when it is being deleted. Returns whether it is gone.
    pub(super) fn settle(&mut self) -> bool {
        if self.workspace == Workspace::Closing {
            self.set(Workspace::Open);
        }
        self.workspace == Workspace::Gone
    }

    fn arrival(&mut self, this: &Finishing, number: u32) -> Seen {
        if self.last_move != this.last_move {
            Seen::MovedBefore
        } else if self.workspace != Workspace::Open {
            Seen::NotOpen
        } else if self.slugs[this.slug].is_some() {
            Seen::SlugTaken
        } else if self.copy.is_some() {
            Seen::ProjectThere
        } else {
            self.last_move = Some(number);
            self.slugs[this.slug] = Some(true);
            self.put(Some(Copy {
                moves: number,
                slug: this.slug,
                mark: None,
                ..this.marked
            }));
            Seen::Arrived
        }
    }
}

impl World {
    /// The project is in the first workspace.
    pub(super) fn new(slugs_of_others: &[usize]) -> Self {
        let mut world = Self::default();
        world.places[0].slugs[0] = Some(true);
        world.places[0].put(Some(Copy {
            etag: 0,
            moves: 0,
            slug: 0,
            patched: false,
            mark: None,
        }));
        for place in slugs_of_others {
            world.places[*place].slugs[0] = Some(false);
        }
        world
    }

    /// One storage call.
    pub(super) fn carry_out(&mut self, this: &mut Finishing, rule: Rule) -> Done {
        let number = this.marked.moves + 1;
        let target = &mut self.places[this.mark.to];
        this.seen = match rule(number, this.seen) {
            Step::Arrive => target.arrival(this, number),
            Step::ReadLastMove => {
                this.last_move = target.last_move;
                Seen::LastMove(target.last_move)
            }
            Step::SettleTarget => Seen::Target {
                gone: target.settle(),
            },
            Step::ReadSlug => Seen::SlugOf(match target.slugs[this.slug] {
                None => Holder::Nobody,
                Some(true) => Holder::ThisProject,
                Some(false) => Holder::AnotherProject,
            }),
            Step::ChooseSlug => {
                let free = (1..SLUGS).find(|slug| target.slugs[*slug].is_none());
                this.slug = free.expect("a slug is free");
                Seen::SlugChosen
            }
            Step::ReadCopy => Seen::Copy {
                leaving: target.copy.is_some_and(|copy| copy.mark.is_some()),
            },
            Step::FinishEarlier => {
                this.seen = Seen::EarlierFinished;
                let earlier = target
                    .copy
                    .and_then(|copy| Finishing::of(this.mark.to, copy));
                return earlier.map_or(Done::Step, Done::Earlier);
            }
            Step::Leave if self.answers.contains(&this.mark.key) && self.is_marked(this) => {
                Seen::KeyUsed
            }
            Step::Leave | Step::LeaveWithoutAnswer => {
                let place = &mut self.places[this.from];
                if place.replace(this.marked, None) {
                    place.last_move = Some(number);
                    self.answers.insert(this.mark.key);
                }
                Seen::Left
            }
            Step::Unmark => {
                let stays = Copy {
                    mark: None,
                    ..this.marked
                };
                let unmarked = self.places[this.from].replace(this.marked, Some(stays));
                if unmarked {
                    Seen::Unmarked
                } else {
                    Seen::MarkGone
                }
            }
            Step::Forget(_) => {
                self.intents.remove(&(this.mark.intent, this.from));
                return Done::End;
            }
            Step::End(_) => return Done::End,
            step => panic!("{step:?} belongs to the beginning"),
        };
        Done::Step
    }

    fn is_marked(&self, this: &Finishing) -> bool {
        let copy = self.places[this.from].copy;
        copy.is_some_and(|copy| copy.etag == this.marked.etag)
    }
}

impl Finishing {
    /// Nothing when the project is not marked.
    pub(super) fn of(from: usize, marked: Copy) -> Option<Self> {
        Some(Self {
            from,
            marked,
            mark: marked.mark?,
            slug: marked.slug,
            last_move: None,
            seen: Seen::Marked,
        })
    }
}
