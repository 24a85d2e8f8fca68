//! `cargo xtask bench`: the handler beside the floor, which is axum and the SDK with nothing between, both on a
//! stand-in for a Cosmos DB gateway. What counts is the ratio in one run on one machine.

mod calls;
mod contender;
mod load;
mod machine;
mod report;
mod rounds;
mod spread;
mod start;
mod table;
mod usage;

use crate::process::listen_for_stop;
use anyhow::ensure;
use contender::{Operation, Programs};
use machine::{Cores, Machine};
use report::{Bound, Ratio, Report};
use rounds::{Field, Job};
use std::path::Path;
use std::time::Duration;

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Short rounds: less than two minutes, once everything is built.
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// How long the stand-in for Cosmos DB takes for an answer, beside what it takes anyway.
    #[arg(long, default_value_t = 0)]
    latency_ms: u32,
}

/// With one to see what a request takes, with the others to see what the process can do.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const BUSY: usize = 16;

/// Interleaved: each contender has its turn in every round.
const ROUNDS: usize = 5;

/// What the handler must reach of the floor's point reads per second.
const OF_THE_FLOOR: Bound = Bound::AtLeast(0.9);
/// Else it is the gateway that is measured.
const OF_THE_GATEWAY: Bound = Bound::AtLeast(5.0);

/// Prints what was measured. Fails when something is not as it must be.
pub fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    let programs = Programs::build(root)?;
    let machine = Machine::this();
    let cores = Cores::of_this_machine();
    eprintln!("{machine}; {cores}");
    let report = measure(&programs, &machine, &cores, options)?;
    if options.json {
        println!("{:#}", report.to_json());
    } else {
        println!("\n{report}");
    }
    let failures = report.failures();
    ensure!(
        failures.is_empty(),
        "not as it must be: {}",
        failures.join("; ")
    );
    Ok(())
}

fn measure(
    programs: &Programs,
    machine: &Machine,
    cores: &Cores,
    options: Options,
) -> anyhow::Result<Report> {
    let (turn, starts) = if options.quick {
        (Duration::from_millis(1_300), 3)
    } else {
        (Duration::from_secs(5), 10)
    };
    let mut field = Field::start(programs, cores, options.latency_ms)?;
    let starts = start::times(programs, cores, field.gateway(), starts)?;
    let calls = calls::count(field.gateway(), field.handler())?;
    let idle = field.memory();
    let jobs = jobs();
    let results = field.run(&jobs, ROUNDS, turn)?;
    Ok(Report {
        machine: format!("{machine}; {cores}"),
        latency_ms: options.latency_ms,
        rounds: ROUNDS,
        ratios: ratios(&results),
        results,
        memory: field.grown_since(idle),
        starts,
        calls,
        handler_bytes: programs.handler_bytes()?,
    })
}

fn jobs() -> Vec<Job> {
    let mut jobs = vec![
        Job::new("gateway", Operation::PointRead, BUSY),
        Job::new("floor", Operation::Hello, BUSY),
    ];
    for connections in CONNECTIONS {
        jobs.push(Job::new("floor", Operation::PointRead, connections));
        jobs.push(Job::new("handler", Operation::PointRead, connections));
    }
    let others = [
        Operation::NotModified,
        Operation::List,
        Operation::Create,
        Operation::Patch,
    ];
    jobs.extend(others.map(|operation| Job::new("handler", operation, BUSY)));
    jobs
}

fn ratios(results: &rounds::Results) -> Vec<Ratio> {
    let reads = |contender, connections| {
        results.per_second(Job::new(contender, Operation::PointRead, connections))
    };
    let mut ratios: Vec<_> = CONNECTIONS
        .into_iter()
        .filter_map(|connections| {
            Ratio::of(
                format!("point reads per second, handler : floor, {connections} connections"),
                reads("handler", connections),
                reads("floor", connections),
                (connections == BUSY).then_some(OF_THE_FLOOR),
            )
        })
        .collect();
    ratios.extend(Ratio::of(
        format!("point reads per second, gateway : floor, {BUSY} connections"),
        reads("gateway", BUSY),
        reads("floor", BUSY),
        Some(OF_THE_GATEWAY),
    ));
    ratios
}
