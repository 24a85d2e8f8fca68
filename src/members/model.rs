//! Explores every order in which the storage calls of those who change a member and those who follow can happen.

mod scenarios;

use super::protocol::{Seen, Step, next};

/// How it is done: rightly, or wrongly to see that the model finds that out.
#[derive(Clone, Copy)]
struct Way {
    rule: fn(Seen) -> Step,
    /// Whether the end of a membership is written to the list and kept.
    keeps_ends: bool,
    /// Whether those who follow claim the member.
    claims: bool,
    /// Whether they believe a read that finds no workspace only after a claim.
    looks_again: bool,
}

const RIGHT: Way = Way {
    rule: next,
    keeps_ends: true,
    claims: true,
    looks_again: true,
};

/// A version of an item: a number that no other version of it has, and what it says.
type Version<T> = Option<(u8, T)>;

/// What an item says of the membership: a role, or that it has ended.
type Role = Option<u8>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Member {
    role: Role,
    is_settled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct World {
    member: Version<Member>,
    /// What a stale read may show.
    before: Version<Member>,
    /// What the user's own list says.
    mirror: Version<Role>,
    versions: u8,
    /// Whether the workspace is deleted, and all its memberships with it.
    is_gone: bool,
    /// Whether a membership was ended for a workspace that is there.
    is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Doing {
    /// Gives the user a role, or ends the membership.
    Change(Role),
    /// Deletes the workspace.
    Delete,
    /// Meets the member, or is the timer.
    Follow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Actor {
    doing: Doing,
    has_changed: bool,
    seen: Seen,
    mirror: Version<Role>,
    member: Version<Member>,
    /// Whether it has found no workspace.
    finds_it_gone: bool,
    has_ended: bool,
}

impl World {
    fn version(&mut self) -> u8 {
        self.versions += 1;
        self.versions
    }

    /// Writes the member if it is still the version that was read. Returns the new version.
    fn write_member(
        &mut self,
        read: Version<Member>,
        member: Option<Member>,
    ) -> Option<Version<Member>> {
        if self.member.map(|(etag, _)| etag) != read.map(|(etag, _)| etag) {
            return None;
        }
        self.before = self.member;
        let etag = self.version();
        self.member = member.map(|member| (etag, member));
        Some(self.member)
    }
}

impl Actor {
    fn new(doing: Doing) -> Self {
        Self {
            doing,
            has_changed: doing == Doing::Follow,
            seen: Seen::Nothing,
            mirror: None,
            member: None,
            finds_it_gone: false,
            has_ended: false,
        }
    }

    /// Each state that the next storage call may lead to: reads may be stale, but the first of these is not.
    fn steps(self, world: &World, way: Way) -> Vec<(Self, World)> {
        if self.has_ended {
            return Vec::new();
        }
        let step = (way.rule)(self.seen);
        let stale = [
            (world.member, world.is_gone),
            (world.before, world.is_gone),
            (world.member, !world.is_gone),
        ];
        let seen = match step {
            Step::ReadMember => &stale[..],
            _ => &stale[..1],
        };
        let steps = seen.iter().map(|(member, is_gone)| {
            let (mut actor, mut world) = (self, world.clone());
            if step == Step::ReadMember {
                actor.finds_it_gone = *is_gone && actor.has_changed;
            }
            actor.act(step, *member, &mut world, way);
            (actor, world)
        });
        steps.collect()
    }

    fn act(&mut self, step: Step, seen: Version<Member>, world: &mut World, way: Way) {
        self.seen = match step {
            Step::ReadMirror if self.doing == Doing::Delete && !self.has_changed => {
                // From now on nobody joins.
                world.is_gone = true;
                self.has_changed = true;
                Seen::Nothing
            }
            Step::ReadMirror => {
                self.mirror = world.mirror;
                Seen::Mirror
            }
            Step::ReadMember => {
                self.member = seen;
                self.decide()
            }
            Step::Claim => {
                if self.has_changed && !way.claims {
                    Seen::Claimed
                } else {
                    let role = self.member.and_then(|(_, member)| member.role);
                    let seen = self.write(world, role);
                    if way.looks_again {
                        self.finds_it_gone &= world.is_gone;
                    }
                    seen
                }
            }
            Step::WriteMirror => {
                let role = self.member.and_then(|(_, member)| member.role);
                let role = role.filter(|_| !self.finds_it_gone);
                if world.mirror == self.mirror {
                    let etag = world.version();
                    let is_kept = way.keeps_ends || role.is_some();
                    world.mirror = is_kept.then_some((etag, role));
                    Seen::Mirrored
                } else {
                    Seen::Overtaken
                }
            }
            Step::Settle => {
                let is_member =
                    |(_, member): &(u8, Member)| member.role.is_some() && !self.finds_it_gone;
                let settled = self.member.filter(is_member);
                let settled = settled.map(|(_, member)| Member {
                    is_settled: true,
                    ..member
                });
                let had_role = self.member.is_some_and(|(_, member)| member.role.is_some());
                let written = world.write_member(self.member, settled).is_some();
                world.is_lost |= written && had_role && settled.is_none() && !world.is_gone;
                Seen::Settled
            }
            Step::End => {
                self.has_ended = true;
                Seen::Settled
            }
        };
    }

    fn decide(&mut self) -> Seen {
        let role = self.member.and_then(|(_, member)| member.role);
        match self.doing {
            Doing::Change(wanted) if !self.has_changed && role == wanted => {
                self.has_ended = true;
                Seen::Settled
            }
            Doing::Change(_) if !self.has_changed => Seen::Member { agrees: false },
            _ => Seen::Member {
                agrees: match self.member {
                    Some((_, member)) => member.is_settled && !self.finds_it_gone,
                    None => self.mirror.is_none_or(|(_, role)| role.is_none()),
                },
            },
        }
    }

    /// A change of the member, or a claim.
    fn write(&mut self, world: &mut World, role: Role) -> Seen {
        let role = match self.doing {
            Doing::Change(wanted) if !self.has_changed => wanted,
            _ => role,
        };
        // The batch that adds a member writes the marker of an open workspace.
        let joins = role.is_some() && self.member.is_none_or(|(_, member)| member.role.is_none());
        if world.is_gone && joins {
            self.has_ended = true;
            return Seen::Settled;
        }
        let claimed = Member {
            role,
            is_settled: false,
        };
        let Some(written) = world.write_member(self.member, Some(claimed)) else {
            return Seen::Overtaken;
        };
        self.member = written;
        self.has_changed = true;
        Seen::Claimed
    }
}
