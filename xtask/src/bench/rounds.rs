//! Rounds, in which everybody has a turn: what disturbs the machine for a while disturbs all alike.

use super::contender::{Contender, Operation, Programs};
use super::load::{self, Amount, Seen};
use super::machine::Cores;
use super::spread::Spread;
use super::usage;
use anyhow::Context;
use std::path::Path;
use std::time::Duration;

const WARM_UP: Duration = Duration::from_millis(700);

/// One thing to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) contender: &'static str,
    pub(super) operation: Operation,
    pub(super) connections: usize,
}

impl Job {
    pub(super) fn new(contender: &'static str, operation: Operation, connections: usize) -> Self {
        Self {
            contender,
            operation,
            connections,
        }
    }
}

/// One turn of a job.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    pub(super) seen: Seen,
    /// Processor time per request, in microseconds.
    pub(super) processor: Option<f64>,
}

/// The turns of each job, in the order of the rounds.
#[derive(Debug, Default)]
pub(super) struct Results(pub(super) Vec<(Job, Vec<Turn>)>);

impl Results {
    pub(super) fn per_second(&self, wanted: Job) -> Vec<f64> {
        let mut jobs = self.0.iter();
        let turns = jobs.find(|(job, _)| *job == wanted).map(|(_, turns)| turns);
        let turns = turns.into_iter().flatten();
        turns.map(|turn| turn.seen.per_second).collect()
    }
}

/// One figure of all turns.
pub(super) fn spread(turns: &[Turn], figure: impl Fn(&Turn) -> Option<f64>) -> Option<Spread> {
    Spread::of(turns.iter().filter_map(figure))
}

/// Resident memory of a contender, in KiB.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) contender: &'static str,
    pub(super) idle: u64,
    pub(super) loaded: u64,
}

/// All contenders, running.
#[derive(Debug)]
pub(super) struct Field<'a> {
    load: &'a Path,
    cores: &'a Cores,
    // Dropped in this order: what asks stops before what it asks.
    handler: Contender,
    floor: Contender,
    gateway: Contender,
}

impl<'a> Field<'a> {
    pub(super) fn start(
        programs: &'a Programs,
        cores: &'a Cores,
        latency_ms: u32,
    ) -> anyhow::Result<Self> {
        let gateway = Contender::gateway(programs, cores, latency_ms)?;
        Ok(Self {
            load: &programs.load,
            cores,
            handler: Contender::handler(programs, cores, &gateway)?,
            floor: Contender::floor(programs, cores, &gateway)?,
            gateway,
        })
    }

    pub(super) fn gateway(&self) -> &Contender {
        &self.gateway
    }

    pub(super) fn handler(&self) -> &Contender {
        &self.handler
    }

    /// Every second round goes backwards, so that nobody always comes after the same one.
    pub(super) fn run(
        &mut self,
        jobs: &[Job],
        rounds: usize,
        turn: Duration,
    ) -> anyhow::Result<Results> {
        for name in ["gateway", "floor", "handler"] {
            self.turn(Job::new(name, Operation::PointRead, 16), WARM_UP)?;
        }
        let mut results: Vec<_> = jobs.iter().map(|job| (*job, Vec::new())).collect();
        for round in 0..rounds {
            eprintln!("round {} of {rounds}", round + 1);
            let order: Vec<_> = if round % 2 == 0 {
                results.iter_mut().collect()
            } else {
                results.iter_mut().rev().collect()
            };
            for (job, turns) in order {
                turns.push(self.turn(*job, turn)?);
            }
        }
        Ok(Results(results))
    }

    fn turn(&mut self, job: Job, time: Duration) -> anyhow::Result<Turn> {
        self.all_run()?;
        let contender = self.contender(job.contender)?;
        let process = contender.process.id();
        let target = contender.target(job.operation)?;
        let on_the_gateway = job.contender == self.gateway.name;
        let other = on_the_gateway.then(|| self.cores.for_the_gateway());
        let cores = other.as_ref().unwrap_or(self.cores);
        let amount = Amount {
            connections: job.connections,
            time,
            requests: None,
        };
        let before = usage::processor_time(process);
        let seen = load::run(self.load, cores, &target, amount)?;
        let after = usage::processor_time(process);
        let used = after
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        Ok(Turn {
            seen,
            processor: used.map(|used| used.as_secs_f64() * 1e6 / seen.requests),
        })
    }

    pub(super) fn memory(&self) -> Vec<(&'static str, u64)> {
        let contenders = [&self.handler, &self.floor];
        let memory = contenders.map(|contender| {
            let used = usage::memory(contender.process.id())?;
            Some((contender.name, used))
        });
        memory.into_iter().flatten().collect()
    }

    pub(super) fn grown_since(&self, idle: Vec<(&'static str, u64)>) -> Vec<Memory> {
        let both = idle.into_iter().zip(self.memory());
        both.map(|((contender, idle), (_, loaded))| Memory {
            contender,
            idle,
            loaded,
        })
        .collect()
    }

    fn contender(&self, name: &str) -> anyhow::Result<&Contender> {
        let mut all = [&self.handler, &self.floor, &self.gateway].into_iter();
        all.find(|contender| contender.name == name)
            .with_context(|| format!("there is no contender {name}"))
    }

    fn all_run(&mut self) -> anyhow::Result<()> {
        let mut all = [&mut self.handler, &mut self.floor, &mut self.gateway].into_iter();
        all.try_for_each(|contender| contender.process.still_runs())
    }
}
