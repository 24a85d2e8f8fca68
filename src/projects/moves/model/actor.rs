//! Who does something: each step is one storage call.

use super::super::protocol::{Found, Seen, Step};
use super::world::{Copy, Done, Finishing, Mark, Rule, Workspace, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// Movers with the same key are repeats of one request.
    Move {
        from: usize,
        to: usize,
        key: usize,
    },
    Read(usize),
    Patch(usize),
    Delete(usize),
    DeleteWorkspace(usize),
    Create {
        at: usize,
        looks_again: bool,
    },
    Timer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Start,
    /// With the project as it was read.
    ReadAnswer(Copy),
    KeepIntent(Copy),
    Mark(Copy),
    Forget(usize, usize),
    Write(Copy),
    Close(u8),
    /// Looks for projects once more, having closed the workspace.
    Look(u8),
    Remove(u8),
    Commit,
    LookAgain,
    End,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Actor {
    pub(super) role: Role,
    /// Also names its intent.
    id: usize,
    phase: Phase,
    finishing: Vec<Finishing>,
}

impl Actor {
    pub(super) fn new(id: usize, role: Role) -> Self {
        Self {
            role,
            id,
            phase: Phase::Start,
            finishing: Vec::new(),
        }
    }

    /// Each state that the next storage call may lead to.
    pub(super) fn steps(&self, world: &World, rule: Rule, stale: bool) -> Vec<(Self, World)> {
        if !self.finishing.is_empty() {
            let (mut actor, mut world) = (self.clone(), world.clone());
            actor.finish(&mut world, rule);
            return vec![(actor, world)];
        }
        let seen = |at: usize| {
            let place = &world.places[at];
            let before = place.before.filter(|_| stale);
            place.copy.into_iter().chain(before)
        };
        let with = |act: &dyn Fn(&mut Self, &mut World)| {
            let (mut actor, mut world) = (self.clone(), world.clone());
            act(&mut actor, &mut world);
            (actor, world)
        };
        match (self.phase, self.role) {
            (Phase::End, _) => Vec::new(),
            (Phase::Start, Role::Timer) => (world.intents.iter())
                .flat_map(|(id, from)| {
                    let copies = seen(*from).map(Some).chain([world.places[*from].copy]);
                    copies.map(move |copy| (*id, *from, copy))
                })
                .map(|(id, from, copy)| with(&|a, _| a.reconcile(id, from, copy, rule)))
                .collect(),
            (
                Phase::Start,
                Role::Move { from: at, .. } | Role::Read(at) | Role::Patch(at) | Role::Delete(at),
            ) => {
                let found = seen(at);
                found
                    .map(|copy| with(&|a, _| a.found(at, copy, rule)))
                    .collect()
            }
            _ => vec![with(&|actor, world| actor.act(world))],
        }
    }

    /// The last of them first.
    fn finish(&mut self, world: &mut World, rule: Rule) {
        let Some(mut this) = self.finishing.pop() else {
            return;
        };
        match world.carry_out(&mut this, rule) {
            Done::Step => self.finishing.push(this),
            Done::Earlier(earlier) => self.finishing.extend([this, earlier]),
            Done::End => {}
        }
    }

    fn reconcile(&mut self, id: usize, from: usize, copy: Option<Copy>, rule: Rule) {
        let marked = copy.filter(|copy| copy.mark.is_some_and(|mark| mark.intent == id));
        let seen = Seen::Intent {
            marked: marked.is_some(),
        };
        match rule(0, seen) {
            Step::Arrive => self
                .finishing
                .extend(marked.and_then(|copy| Finishing::of(from, copy))),
            _ => self.phase = Phase::Forget(id, from),
        }
    }

    fn found(&mut self, at: usize, copy: Copy, rule: Rule) {
        let Role::Move { key, .. } = self.role else {
            let writes = matches!(self.role, Role::Patch(_) | Role::Delete(_));
            match Finishing::of(at, copy) {
                None if writes => self.phase = Phase::Write(copy),
                marked => {
                    self.finishing.extend(marked);
                    self.phase = Phase::End;
                }
            }
            return;
        };
        let found = match copy.mark {
            None => Found::Free,
            Some(mark) if mark.key == key => Found::MarkedBySelf,
            Some(_) => Found::MarkedByOther,
        };
        if rule(copy.moves + 1, Seen::Project(found)) == Step::Begin {
            self.phase = Phase::ReadAnswer(copy);
        } else {
            self.finishing.extend(Finishing::of(at, copy));
            self.phase = Phase::End;
        }
    }

    fn act(&mut self, world: &mut World) {
        let at = match self.role {
            Role::Move { from: at, .. }
            | Role::Create { at, .. }
            | Role::Read(at)
            | Role::Patch(at)
            | Role::Delete(at)
            | Role::DeleteWorkspace(at) => at,
            Role::Timer => 0,
        };
        let place = &mut world.places[at];
        self.phase = match (self.phase, self.role) {
            (Phase::ReadAnswer(_), Role::Move { key, .. }) if world.answers.contains(&key) => {
                Phase::End
            }
            (Phase::ReadAnswer(copy), _) => Phase::KeepIntent(copy),
            (Phase::KeepIntent(copy), _) => {
                world.intents.insert((self.id, at));
                Phase::Mark(copy)
            }
            (Phase::Mark(copy), Role::Move { to, key, .. }) => {
                let intent = self.id;
                let mark = Some(Mark { intent, to, key });
                let is_marked = place.replace(copy, Some(Copy { mark, ..copy }));
                let marked = place.copy.filter(|_| is_marked);
                self.finishing
                    .extend(marked.and_then(|copy| Finishing::of(at, copy)));
                if is_marked {
                    Phase::End
                } else {
                    Phase::Forget(intent, at)
                }
            }
            (Phase::Forget(id, from), role) => {
                world.intents.remove(&(id, from));
                if role == Role::Timer {
                    Phase::Start
                } else {
                    Phase::End
                }
            }
            (Phase::Write(copy), Role::Delete(_)) if place.replace(copy, None) => {
                world.is_deleted = true;
                Phase::End
            }
            (Phase::Write(copy), Role::Patch(_)) => {
                let patched = Copy {
                    patched: true,
                    ..copy
                };
                world.is_patched |= place.replace(copy, Some(patched));
                Phase::End
            }
            (phase, Role::DeleteWorkspace(_)) => return self.delete_workspace(phase, at, world),
            (phase, Role::Create { looks_again, .. }) => match phase {
                // The batch reads the marker as it was when the batch began.
                Phase::Start if place.workspace == Workspace::Open => Phase::Commit,
                Phase::Commit => {
                    place.created = true;
                    world.is_created = !looks_again;
                    if looks_again {
                        Phase::LookAgain
                    } else {
                        Phase::End
                    }
                }
                Phase::LookAgain => {
                    place.created = !place.settle();
                    world.is_created = place.created;
                    Phase::End
                }
                _ => Phase::End,
            },
            _ => Phase::End,
        };
    }

    fn delete_workspace(&mut self, phase: Phase, at: usize, world: &mut World) {
        let place = &mut world.places[at];
        let leaving = place.copy.and_then(|copy| Finishing::of(at, copy));
        let is_empty = place.copy.is_none() && !place.created;
        self.phase = match phase {
            Phase::Start | Phase::Look(_) if leaving.is_some() => {
                self.finishing.extend(leaving);
                phase
            }
            Phase::Start if is_empty && place.workspace == Workspace::Open => {
                Phase::Close(place.version)
            }
            Phase::Close(version) if version == place.version => {
                place.set(Workspace::Closing);
                Phase::Look(place.version)
            }
            Phase::Look(version) if is_empty => Phase::Remove(version),
            Phase::Look(version) if version == place.version => {
                place.set(Workspace::Open);
                Phase::End
            }
            Phase::Remove(version) if version == place.version => {
                place.set(Workspace::Gone);
                Phase::End
            }
            _ => Phase::End,
        };
    }
}
