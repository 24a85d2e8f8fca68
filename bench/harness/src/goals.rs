//! The ratios that are looked at, and what they must be.

use super::contender::{FLOOR, GATEWAY};
use super::load::Seen;
use super::operation::Operation;
use super::ratio::{Bound, Ratio};
use super::rounds::{Job, Memory, Results};
use super::scenario::{Conditions, Scenario};
use super::service::{HANDLER, LOGGING, NODE, PYTHON};
use super::start::Starts;
use super::{BUSY, CONNECTIONS};

/// Bounds are for one core each. Of what was not measured there is no ratio.
pub(super) fn ratios(scenarios: &[Scenario], starts: &[Starts], memory: &[Memory]) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    for Scenario {
        conditions,
        results,
    } in scenarios
    {
        match conditions {
            Conditions::OneCore => {
                ratios.extend(one_core(results));
                ratios.extend(processes(starts, memory));
            }
            Conditions::AllCores | Conditions::SlowStorage(_) => {
                let title = conditions.title();
                ratios.extend(beside(results).into_iter().map(|ratio| ratio.when(&title)));
            }
            Conditions::Growth => {}
        }
    }
    ratios
}

fn one_core(results: &Results) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    for (other, least) in [(PYTHON, 12.0), (NODE, 3.0), (FLOOR, 0.9)] {
        for connections in CONNECTIONS {
            let bound = (connections == BUSY).then_some(Bound::AtLeast(least));
            ratios.push(reads(results, [HANDLER, other], connections, bound));
        }
    }
    ratios.push(reads(results, [LOGGING, HANDLER], BUSY, None));
    for peer in [PYTHON, NODE] {
        let bound = Some(Bound::AtMost(1.0));
        let of = |name| point_reads(results, name, BUSY, |seen| seen.p99);
        let what = format!("p99 of point reads, {HANDLER} : {peer}, {BUSY} connections");
        ratios.push(Ratio::of(what, of(HANDLER), of(peer), bound));
    }
    // Else it is the gateway that is measured.
    let bound = Some(Bound::AtLeast(5.0));
    ratios.push(reads(results, [GATEWAY, HANDLER], BUSY, bound));
    ratios.push(reads(results, [GATEWAY, FLOOR], BUSY, None));
    ratios.into_iter().flatten().collect()
}

fn beside(results: &Results) -> Vec<Ratio> {
    let others = [PYTHON, NODE, FLOOR].into_iter();
    let ratios = others.flat_map(|other| {
        let connections = CONNECTIONS.into_iter();
        connections.map(move |connections| reads(results, [HANDLER, other], connections, None))
    });
    ratios.flatten().collect()
}

fn processes(starts: &[Starts], memory: &[Memory]) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    let started = |name: &str| starts.iter().find(|starts| starts.contender == name);
    for (what, figure, most) in [
        (
            "first answer",
            (|starts| starts.first_answer.median) as fn(&Starts) -> f64,
            1.0 / 20.0,
        ),
        ("first read", |starts| starts.first_read.median, 1.0 / 8.0),
    ] {
        let of = |name| started(name).map(figure).into_iter().collect();
        let what = format!("start to {what}, {HANDLER} : {PYTHON}");
        let bound = Some(Bound::AtMost(most));
        ratios.push(Ratio::of(what, of(HANDLER), of(PYTHON), bound));
    }
    let idle = |name: &str| {
        let found = memory.iter().filter(|memory| memory.contender == name);
        found.map(Memory::idle_megabytes).collect()
    };
    let what = format!("idle memory, {HANDLER} : {PYTHON}");
    let bound = Some(Bound::AtMost(0.25));
    ratios.push(Ratio::of(what, idle(HANDLER), idle(PYTHON), bound));
    ratios.into_iter().flatten().collect()
}

fn reads(
    results: &Results,
    [one, other]: [&'static str; 2],
    connections: usize,
    bound: Option<Bound>,
) -> Option<Ratio> {
    let of = |name| point_reads(results, name, connections, |seen| seen.per_second);
    let what = format!("point reads per second, {one} : {other}, {connections} connections");
    Ratio::of(what, of(one), of(other), bound)
}

fn point_reads(
    results: &Results,
    name: &'static str,
    connections: usize,
    figure: fn(&Seen) -> f64,
) -> Vec<f64> {
    results.of(Job::new(name, Operation::PointRead, connections), figure)
}
