//! `cargo xtask bench`: the handler beside its peers in other languages, and beside the floor, which is axum and the
//! SDK with nothing between; all on a stand-in for a Cosmos DB gateway. What counts is the ratio in one run on one
//! machine.

mod calls;
mod contender;
mod goals;
mod load;
mod machine;
mod plot;
mod ratio;
mod report;
mod rounds;
mod service;
mod spread;
mod start;
mod table;
mod usage;

use crate::process::listen_for_stop;
use anyhow::{Context, ensure};
use contender::{FLOOR, GATEWAY, Operation, Programs};
use machine::{Cores, Machine};
use report::Report;
use rounds::{Field, Job};
use service::{HANDLER, Service};
use std::fs;
use std::path::Path;
use std::time::Duration;

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Without the peers, and in less than two minutes once everything is built.
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Also write docs/performance.md and its plot.
    #[arg(long, conflicts_with = "quick")]
    update: bool,
    /// How long the stand-in for Cosmos DB takes for an answer, beside what it takes anyway.
    #[arg(long, default_value_t = 0)]
    latency_ms: u32,
}

/// With one to see what a request takes, with the others to see what the process can do.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const BUSY: usize = 16;

/// Interleaved: each contender has its turn in every round.
const ROUNDS: usize = 5;

/// What does not start in this time, never will.
const LIMIT: Duration = Duration::from_secs(30);

/// Prints what was measured. Fails when something is not as it must be.
pub fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    let programs = Programs::build(root)?;
    let mut services = vec![Service::handler(root, programs.handler.clone())];
    if !options.quick {
        services.extend(Service::peers(root));
    }
    let machine = Machine::this();
    let cores = Cores::of_this_machine();
    let machine = format!("{machine}; {cores}");
    eprintln!("{machine}");
    let report = measure(&programs, &services, &cores, machine, options)?;
    if options.json {
        println!("{:#}", report.to_json());
    } else {
        println!("\n{report}");
    }
    if options.update {
        update(root, &report)?;
    }
    let failures = report.failures();
    ensure!(
        failures.is_empty(),
        "not as it must be: {}",
        failures.join("; ")
    );
    Ok(())
}

/// Replaces the document by one with these numbers.
fn update(root: &Path, report: &Report) -> anyhow::Result<()> {
    let plot = plot::bars(
        &format!("Point reads per second, {BUSY} connections"),
        &report.results.point_reads(BUSY),
    );
    let document = format!(
        "# Performance\n\nWritten by `cargo xtask bench --update`; [bench/README.md](../bench/README.md) says how it \
        is measured.\n\n![Point reads per second](performance.svg)\n\n{report}"
    );
    fs::write(root.join("docs/performance.svg"), plot).context("cannot write the plot")?;
    fs::write(
        root.join("docs/performance.md"),
        document.trim_end().to_owned() + "\n",
    )
    .context("cannot write docs/performance.md")
}

fn measure(
    programs: &Programs,
    services: &[Service],
    cores: &Cores,
    machine: String,
    options: Options,
) -> anyhow::Result<Report> {
    let turn = Duration::from_millis(if options.quick { 1_300 } else { 3_000 });
    let mut field = Field::start(programs, services, cores, options.latency_ms)?;
    let calls = calls::count(field.gateway(), field.contender(HANDLER)?)?;
    let starts = services
        .iter()
        .map(|service| start::times(service, cores, field.gateway(), ROUNDS))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let idle = field.idle_memory()?;
    let results = field.run(&jobs(services), ROUNDS, turn)?;
    let memory = field.grown_since(idle);
    Ok(Report {
        machine,
        latency_ms: options.latency_ms,
        rounds: ROUNDS,
        ratios: goals::ratios(&results, &starts, &memory),
        results,
        memory,
        starts,
        calls,
        handler_bytes: programs.handler_bytes()?,
    })
}

fn jobs(services: &[Service]) -> Vec<Job> {
    let names = || services.iter().map(|service| service.name);
    let mut jobs = vec![
        Job::new(GATEWAY, Operation::PointRead, BUSY),
        Job::new(FLOOR, Operation::Hello, BUSY),
    ];
    for connections in CONNECTIONS {
        let readers = [FLOOR].into_iter().chain(names());
        jobs.extend(readers.map(|name| Job::new(name, Operation::PointRead, connections)));
    }
    for operation in [
        Operation::NotModified,
        Operation::List,
        Operation::Create,
        Operation::Patch,
    ] {
        jobs.extend(names().map(|name| Job::new(name, operation, BUSY)));
    }
    jobs
}
