//! The scenarios to explore, and what must hold in every state, even if any of the actors never goes on.

use super::super::protocol::{Seen, Step, next};
use super::actor::{Actor, Role};
use super::world::{Rule, Workspace, World};
use crate::explore::explore;
use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Instant;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    world: World,
    actors: Vec<Actor>,
}

const A_TO_B: Role = mover(0, 1, 1);
const B_TO_A: Role = mover(1, 0, 2);

const fn mover(from: usize, to: usize, key: usize) -> Role {
    Role::Move { from, to, key }
}

/// Everybody is killed. What is half done is finished by the timer, or by a reader.
fn finished(mut world: World, rule: Rule) -> Result<World, String> {
    let timer = Actor::new(9, Role::Timer);
    let mut actors = vec![timer];
    actors.extend((0..3).map(|at| Actor::new(9, Role::Read(at))));
    for mut actor in actors {
        let mut calls = 0;
        while let Some((next, now)) = actor.steps(&world, rule, false).into_iter().next() {
            (actor, world) = (next, now);
            calls += 1;
            if calls > 200 {
                return Err("it never ends".to_owned());
            }
        }
    }
    Ok(world)
}

fn check(world: &World, rule: Rule, slug_is_free: bool) -> Result<(), String> {
    let world = finished(world.clone(), rule)?;
    let copies = world
        .places
        .iter()
        .filter_map(|place| Some((place, place.copy?)));
    let copies: Vec<_> = copies.collect();
    let expected = usize::from(!world.is_deleted);
    let of_project = world.places.iter().flat_map(|place| place.slugs);
    let slugs = of_project.filter(|slug| *slug == Some(true)).count();
    let holds = [
        (copies.len() == expected, "lost, doubled or back again"),
        (slugs == expected, "a slug too many or too few"),
        (world.intents.is_empty(), "an intent is left"),
        (
            copies
                .iter()
                .all(|(place, _)| place.workspace != Workspace::Gone),
            "in a workspace that is gone",
        ),
        (
            copies.iter().all(|(_, copy)| copy.mark.is_none()),
            "half moved",
        ),
        (
            copies
                .iter()
                .all(|(place, copy)| place.slugs[copy.slug] == Some(true)),
            "without its slug",
        ),
        (
            !slug_is_free || copies.iter().all(|(_, copy)| copy.slug == 0),
            "renamed",
        ),
        (
            !world.is_patched || copies.iter().all(|(_, copy)| copy.patched),
            "a change is lost",
        ),
        (
            !world.is_created || world.places[1].workspace != Workspace::Gone,
            "created in a workspace that is gone",
        ),
    ];
    let broken = holds.iter().find(|(holds, _)| !holds);
    broken.map_or(Ok(()), |(_, what)| Err((*what).to_owned()))
}

fn run(roles: &[Role], others: &[usize], stale: bool, rule: Rule) -> Result<usize, String> {
    let actors = roles.iter().enumerate();
    let initial = State {
        world: World::new(others),
        actors: actors.map(|(id, role)| Actor::new(id, *role)).collect(),
    };
    let successors = |state: &State| {
        let each = state.actors.iter().enumerate();
        let next = each.flat_map(|(index, actor)| {
            let steps = actor.steps(&state.world, rule, stale);
            steps.into_iter().map(move |step| (index, step))
        });
        next.map(|(index, (actor, world))| {
            let step = actor.role;
            let mut actors = state.actors.clone();
            actors[index] = actor;
            (step, State { world, actors })
        })
        .collect()
    };
    // What is left when all are killed depends on storage alone.
    let checked = RefCell::new(HashSet::new());
    explore(initial, successors, |state| {
        if !checked.borrow_mut().insert(state.world.clone()) {
            return Ok(());
        }
        check(&state.world, rule, others.is_empty())
    })
}

#[test]
fn no_order_of_storage_calls_breaks_a_move() {
    use Role::{Delete, DeleteWorkspace, Patch, Read, Timer};
    let second = mover(0, 2, 3);
    let (b_to_c, c_to_a) = (mover(1, 2, 4), mover(2, 0, 5));
    let scenarios: &[(&str, &[Role])] = &[
        ("a move, a reader and the timer", &[A_TO_B, Read(0), Timer]),
        (
            "a repeat, by the host or with the key",
            &[A_TO_B, A_TO_B, Timer],
        ),
        ("two movers to one place", &[A_TO_B, mover(0, 1, 3), Timer]),
        ("two movers to two places", &[A_TO_B, second, Timer]),
        ("a move back", &[A_TO_B, B_TO_A, Timer]),
        ("a move back and a reader", &[A_TO_B, B_TO_A, Read(0)]),
        ("a move back and a repeat", &[A_TO_B, B_TO_A, A_TO_B]),
        (
            "a move back and a deletion",
            &[A_TO_B, B_TO_A, Delete(1), Delete(0)],
        ),
        (
            "a move back and a change",
            &[A_TO_B, B_TO_A, Patch(1), Patch(0)],
        ),
        (
            "there, back and there again",
            &[A_TO_B, B_TO_A, mover(0, 1, 3)],
        ),
        ("a round of three", &[A_TO_B, b_to_c, c_to_a, Read(0)]),
        (
            "a round of three and the timer",
            &[A_TO_B, b_to_c, c_to_a, Timer],
        ),
        (
            "a deletion in either place",
            &[A_TO_B, Delete(0), Delete(1), Read(0)],
        ),
        (
            "a change and a deletion",
            &[A_TO_B, Patch(0), Delete(1), Timer],
        ),
        (
            "deletion of the target",
            &[A_TO_B, DeleteWorkspace(1), Read(0), Delete(1)],
        ),
        (
            "deletion of the target, moved on",
            &[A_TO_B, b_to_c, DeleteWorkspace(1), Read(0)],
        ),
        (
            "deletion of the source",
            &[A_TO_B, DeleteWorkspace(0), Read(0)],
        ),
        (
            "deletion of the source, moved back",
            &[A_TO_B, B_TO_A, DeleteWorkspace(0)],
        ),
    ];
    for (name, roles) in scenarios {
        let began = Instant::now();
        let mut states = vec![run(roles, &[], true, next)];
        if roles.len() < 4 {
            states.push(run(roles, &[1], true, next));
        }
        let states = states.into_iter().collect::<Result<Vec<_>, _>>();
        let states = states.unwrap_or_else(|way| panic!("{name}\n{way}"));
        println!("{name}: {states:?} states, {:.1?}", began.elapsed());
    }
}

fn expect_broken(roles: &[Role], rule: Rule, what: &str) {
    let way = run(roles, &[], false, rule).expect_err("the model finds it");
    assert!(way.contains(what), "{way}");
}

/// What these rules do has been seen to lose projects, to bring them back and to rename them.
#[test]
fn rules_that_are_wrong_are_found_out() {
    let nothing_there_means_arrived: Rule = |number, seen| match seen {
        Seen::Copy { leaving: false } => Step::Leave,
        seen => next(number, seen),
    };
    expect_broken(&[A_TO_B, B_TO_A], nothing_there_means_arrived, "lost");

    let a_slug_is_taken_by_others: Rule = |number, seen| match seen {
        Seen::SlugTaken => Step::ChooseSlug,
        seen => next(number, seen),
    };
    expect_broken(&[A_TO_B, B_TO_A], a_slug_is_taken_by_others, "renamed");

    let forgotten_arrivals: Rule = |number, seen| match seen {
        Seen::LastMove(_) => Step::Arrive,
        seen => next(number, seen),
    };
    expect_broken(&[A_TO_B], forgotten_arrivals, "it never ends");

    let any_record_means_arrived: Rule = |number, seen| match seen {
        Seen::LastMove(Some(_)) => Step::Leave,
        seen => next(number, seen),
    };
    expect_broken(&[A_TO_B, B_TO_A], any_record_means_arrived, "lost");
}

#[test]
fn a_creation_that_read_the_marker_too_early_is_taken_back() {
    let creation = |looks_again| Role::Create { at: 1, looks_again };
    let deletion = Role::DeleteWorkspace(1);
    run(&[creation(true), deletion, deletion], &[], false, next).unwrap();
    expect_broken(
        &[creation(false), deletion],
        next,
        "created in a workspace that is gone",
    );
}
