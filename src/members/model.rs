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
}

const RIGHT: Way = Way {
    rule: next,
    keeps_ends: true,
    claims: true,
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
            has_ended: false,
        }
    }

    /// Each state that the next storage call may lead to.
    fn steps(self, world: &World, way: Way) -> Vec<(Self, World)> {
        if self.has_ended {
            return Vec::new();
        }
        let step = (way.rule)(self.seen);
        let stale = [world.member, world.before];
        let seen = match step {
            Step::ReadMember => &stale[..],
            _ => &stale[..1],
        };
        let steps = seen.iter().map(|member| {
            let (mut actor, mut world) = (self, world.clone());
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
                self.decide(world)
            }
            Step::Claim => {
                if self.has_changed && !way.claims {
                    Seen::Claimed
                } else {
                    let role = self.member.and_then(|(_, member)| member.role);
                    self.write(world, role)
                }
            }
            Step::WriteMirror => {
                let role = self.member.and_then(|(_, member)| member.role);
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
                let settled = self.member.filter(|(_, member)| member.role.is_some());
                let settled = settled.map(|(_, member)| Member {
                    is_settled: true,
                    ..member
                });
                world.write_member(self.member, settled);
                Seen::Settled
            }
            Step::End => {
                self.has_ended = true;
                Seen::Settled
            }
        };
    }

    fn decide(&mut self, world: &World) -> Seen {
        let role = self.member.and_then(|(_, member)| member.role);
        match self.doing {
            Doing::Change(wanted) if !self.has_changed && role == wanted => {
                self.has_ended = true;
                Seen::Settled
            }
            Doing::Change(_) if !self.has_changed => Seen::Member { agrees: false },
            _ => Seen::Member {
                agrees: match self.member {
                    Some((_, member)) => member.is_settled && !world.is_gone,
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
            role: role.filter(|_| !world.is_gone),
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
