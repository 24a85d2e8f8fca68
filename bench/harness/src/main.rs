//! `cargo xtask bench`: the handler beside its peers in other languages, and beside the floor, which is axum and the
//! SDK with nothing between; all on a stand-in for a Cosmos DB gateway. What counts is the ratio in one run on one
//! machine.

mod calls;
mod contender;
mod document;
mod goals;
mod growth;
mod instructions;
mod load;
mod machine;
mod operation;
mod plot;
mod ratio;
mod report;
mod rounds;
#[cfg(test)]
mod same_build;
mod scenario;
mod service;
mod size;
mod spread;
mod start;
mod table;
mod usage;

use anyhow::{Context, ensure};
use clap::Parser;
use contender::{FLOOR, Programs};
use document::Document;
use machine::{Cores, Machine};
use report::Report;
use rounds::Field;
use scenario::{Conditions, Scenario};
use service::{HANDLER, LOGGING, NODE, PYTHON, Service};
use size::Size;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use xtask::process::listen_for_stop;

/// The handler beside its peers and the floor.
#[derive(Debug, Clone, Copy, Parser)]
#[command(bin_name = "cargo xtask bench")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
struct Options {
    /// Without the peers, with one core each only, and in less than two minutes once everything is built.
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Also write the numbers into docs/performance.md, and its plot; with --instructions, new bounds.
    #[arg(long, conflicts_with = "quick")]
    update: bool,
    /// Count instructions per request instead, under callgrind (needs valgrind). Fails when a bound is passed.
    #[arg(long, conflicts_with = "json")]
    instructions: bool,
}

/// With one to see what a request takes, with the others to see what the process can do.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const BUSY: usize = 16;

/// Interleaved: each contender has its turn in every round.
const ROUNDS: usize = 5;

/// What does not start in this time, never will.
const LIMIT: Duration = Duration::from_secs(30);

/// How long a turn is in a quick run, which only has those with [`BUSY`] connections.
const QUICK_TURN: Duration = Duration::from_millis(1_500);

fn main() -> ExitCode {
    match run(xtask::root(), Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what was measured. Fails when something is not as it must be.
fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    if options.instructions {
        return instructions::run(root, options.quick, options.update);
    }
    let document = options.update.then(|| root.join("docs/performance.md"));
    let document = document.map(Document::open).transpose()?;
    let programs = Programs::build(root)?;
    let handler = Service::handler(root, programs.handler.clone());
    let mut services = vec![handler.clone(), handler.logging()];
    if !options.quick {
        services.extend(Service::peers(root));
    }
    let machine = format!("{}; {}", Machine::this(), Cores::of_this_machine());
    eprintln!("{machine}");
    let size = Size::of(root, &programs.handler)?;
    let mut report = one_core(&programs, &services, options.quick, machine, size)?;
    if !options.quick {
        for conditions in Conditions::BESIDE_ONE_CORE {
            beside(&programs, &services, conditions, &mut report)?;
        }
    }
    if options.json {
        println!("{:#}", report.to_json());
    } else {
        println!("\n{report}");
    }
    if let Some(document) = document {
        update(root, &document, &report)?;
    }
    let failures = report.failures();
    ensure!(
        failures.is_empty(),
        "not as it must be: {}",
        failures.join("; ")
    );
    Ok(())
}

fn update(root: &Path, document: &Document, report: &Report) -> anyhow::Result<()> {
    let results = report.results(Conditions::OneCore);
    let reads = [HANDLER, FLOOR, NODE, PYTHON].map(|name| {
        let reads = results?.point_reads(name, BUSY)?;
        Some((name, reads))
    });
    let reads: Vec<_> = reads.into_iter().flatten().collect();
    let title = format!("Point reads per second, {BUSY} connections, one core each");
    fs::write(
        root.join("docs/performance.svg"),
        plot::bars(&title, &reads),
    )
    .context("cannot write the plot")?;
    document.update(&format!("![{title}](performance.svg)\n\n{report}"))
}

fn one_core(
    programs: &Programs,
    services: &[Service],
    quick: bool,
    machine: String,
    size: Size,
) -> anyhow::Result<Report> {
    let conditions = Conditions::OneCore;
    let mut jobs = conditions.jobs(services);
    let mut turn = conditions.turn();
    if quick {
        jobs.retain(|job| job.connections == BUSY);
        turn = QUICK_TURN;
    }
    let mut field = Field::start(programs, services, conditions)?;
    let calls = calls::count(field.gateway(), field.contender(HANDLER)?)?;
    let starts = services
        .iter()
        .filter(|service| service.name != LOGGING)
        .map(|service| start::times(service, field.cores(), field.gateway(), ROUNDS))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let idle = field.idle_memory()?;
    let results = field.run(&jobs, conditions.rounds(), turn)?;
    let memory = field.grown_since(idle);
    Ok(Report {
        machine,
        scenarios: vec![Scenario {
            conditions,
            results,
        }],
        first_reads: Vec::new(),
        memory,
        starts,
        calls,
        size,
    })
}

fn beside(
    programs: &Programs,
    services: &[Service],
    conditions: Conditions,
    report: &mut Report,
) -> anyhow::Result<()> {
    let services = conditions.services(services);
    let mut field = Field::start(programs, &services, conditions)?;
    let jobs = conditions.jobs(&services);
    let results = field.run(&jobs, conditions.rounds(), conditions.turn())?;
    if conditions == Conditions::Growth {
        report.first_reads = growth::first_reads(field.contender(HANDLER)?)?;
    }
    report.scenarios.push(Scenario {
        conditions,
        results,
    });
    Ok(())
}
