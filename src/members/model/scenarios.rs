//! The scenarios to explore, and what must hold in every state, even if any of the actors never goes on.

use super::super::protocol::{Seen, Step, next};
use super::{Actor, Doing, Member, RIGHT, Role, Way, World};
use crate::explore::explore;
use std::time::Instant;

/// Everybody is killed, and the timer finds those who are not settled.
fn finished(mut world: World, way: Way) -> Result<World, String> {
    let is_unsettled = |world: &World| {
        let is_settled = world.member.is_none_or(|(_, member)| member.is_settled);
        !is_settled || world.is_gone && world.member.is_some()
    };
    let mut calls = 0;
    let mut timer = Actor::new(Doing::Follow);
    while is_unsettled(&world) || !timer.has_ended {
        if timer.has_ended {
            timer = Actor::new(Doing::Follow);
        }
        let Some((now, then)) = timer.steps(&world, way).into_iter().next() else {
            break;
        };
        (timer, world) = (now, then);
        calls += 1;
        if calls > 100 {
            return Err("it never ends".to_owned());
        }
        if !is_unsettled(&world) && timer.seen == Seen::Settled {
            break;
        }
    }
    Ok(world)
}

fn check(world: &World, way: Way) -> Result<(), String> {
    let is_found = world
        .member
        .is_some_and(|(_, member)| !member.is_settled || world.is_gone);
    let world = if is_found {
        finished(world.clone(), way)?
    } else {
        world.clone()
    };
    let role = world.member.and_then(|(_, member)| member.role);
    let mirrored = world.mirror.and_then(|(_, role)| role);
    if world.is_lost {
        return Err("a membership that nobody ended".to_owned());
    }
    if world.is_gone && role.is_some() {
        return Err("a member of what is gone".to_owned());
    }
    match (role, mirrored) {
        (role, mirrored) if role == mirrored => Ok(()),
        (None, _) => Err("listed without a membership".to_owned()),
        (_, None) => Err("a member whose list does not say so".to_owned()),
        _ => Err("listed with another role".to_owned()),
    }
}

fn run(doing: &[Doing], was: Role, way: Way) -> Result<usize, String> {
    let mut world = World::default();
    if let Some(role) = was {
        let member = Member {
            role: Some(role),
            is_settled: true,
        };
        world.member = Some((world.version(), member));
        world.before = world.member;
        world.mirror = Some((world.version(), Some(role)));
    }
    let actors: Vec<_> = doing.iter().map(|doing| Actor::new(*doing)).collect();
    let successors = |(world, actors): &(World, Vec<Actor>)| {
        let mut found = Vec::new();
        for (index, actor) in actors.iter().enumerate() {
            for (next, world) in actor.steps(world, way) {
                let mut actors = actors.clone();
                actors[index] = next;
                found.push(((actor.doing, next.seen), (world, actors)));
            }
        }
        found
    };
    explore((world, actors), successors, |(world, _)| check(world, way))
}

const VIEWER: Role = Some(0);
const EDITOR: Role = Some(1);

#[test]
fn no_order_of_storage_calls_leaves_a_list_that_is_wrong() {
    use Doing::{Change, Delete, Follow};
    let scenarios: &[(&str, Role, &[Doing])] = &[
        ("added, met by a reader", None, &[Change(VIEWER), Follow]),
        (
            "added by two",
            None,
            &[Change(VIEWER), Change(EDITOR), Follow],
        ),
        (
            "added and removed",
            None,
            &[Change(VIEWER), Change(None), Follow],
        ),
        (
            "removed, met by two",
            VIEWER,
            &[Change(None), Follow, Follow],
        ),
        (
            "removed and added",
            VIEWER,
            &[Change(None), Change(EDITOR), Follow],
        ),
        (
            "another role",
            VIEWER,
            &[Change(EDITOR), Change(VIEWER), Follow],
        ),
        (
            "erased while being added",
            VIEWER,
            &[Change(None), Change(EDITOR), Change(None)],
        ),
        (
            "added while the workspace is deleted",
            None,
            &[Change(VIEWER), Delete, Follow],
        ),
        (
            "removed while the workspace is deleted",
            VIEWER,
            &[Change(None), Delete, Follow],
        ),
        (
            "promoted while the workspace is deleted",
            VIEWER,
            &[Change(EDITOR), Delete],
        ),
    ];
    for (name, was, doing) in scenarios {
        let began = Instant::now();
        let states = run(doing, *was, RIGHT);
        let states = states.unwrap_or_else(|way| panic!("{name}\n{way}"));
        println!("{name}: {states} states, {:.1?}", began.elapsed());
    }
}

fn expect_broken(doing: &[Doing], was: Role, way: Way, what: &str) {
    let found = run(doing, was, way).expect_err("the model finds it");
    assert!(found.contains(what), "{found}");
}

#[test]
fn ways_that_are_wrong_are_found_out() {
    use Doing::{Change, Follow};
    let added_and_removed = [Change(VIEWER), Change(None), Follow];
    // A stale read is taken for what is so.
    let without_claims = Way {
        claims: false,
        ..RIGHT
    };
    expect_broken(&added_and_removed, None, without_claims, "nobody ended");

    // A request that has read an empty list writes the membership of before.
    let without_ends = Way {
        keeps_ends: false,
        ..RIGHT
    };
    expect_broken(&added_and_removed, None, without_ends, "listed without");

    // A stale read that finds no workspace is believed.
    let at_once = Way {
        looks_again: false,
        ..RIGHT
    };
    expect_broken(&[Change(EDITOR), Follow], VIEWER, at_once, "nobody ended");

    let without_writing = Way {
        rule: |seen| match seen {
            Seen::Claimed => Step::Settle,
            seen => next(seen),
        },
        ..RIGHT
    };
    expect_broken(&[Change(None)], VIEWER, without_writing, "listed without");

    let regardless = Way {
        rule: |seen| match seen {
            Seen::Overtaken => Step::Settle,
            seen => next(seen),
        },
        ..RIGHT
    };
    let two = [Change(EDITOR), Change(None)];
    expect_broken(&two, VIEWER, regardless, "listed");
}
