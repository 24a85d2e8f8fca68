//! Rounds, in which everybody has a turn: what disturbs the machine for a while disturbs all alike.

use super::contender::{Contender, Programs};
use super::load::{self, End, Seen};
use super::machine::Cores;
use super::operation::Operation;
use super::scenario::Conditions;
use super::service::Service;
use super::spread::Spread;
use super::usage;
use anyhow::Context;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use xtask::local::agent;

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
    /// One figure of each round; none when this was not measured.
    pub(super) fn of(&self, wanted: Job, figure: fn(&Seen) -> f64) -> Vec<f64> {
        let mut jobs = self.0.iter();
        let turns = jobs.find(|(job, _)| *job == wanted).map(|(_, turns)| turns);
        let turns = turns.into_iter().flatten();
        turns.map(|turn| figure(&turn.seen)).collect()
    }
}

impl Results {
    /// Point reads per second with this many connections.
    pub(super) fn point_reads(
        &self,
        contender: &'static str,
        connections: usize,
    ) -> Option<Spread> {
        let job = Job::new(contender, Operation::PointRead, connections);
        Spread::of(self.of(job, |seen| seen.per_second))
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

impl Memory {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 KiB")]
    pub(super) fn idle_megabytes(&self) -> f64 {
        self.idle as f64 / 1_024.0
    }
}

/// All contenders, running.
#[derive(Debug)]
pub(super) struct Field<'a> {
    load: &'a Path,
    cores: Cores,
    conditions: Conditions,
    // Dropped in this order: who asks stops before who is asked.
    measured: Vec<Contender>,
    gateway: Contender,
}

impl<'a> Field<'a> {
    pub(super) fn start(
        programs: &'a Programs,
        services: &[Service],
        conditions: Conditions,
    ) -> anyhow::Result<Self> {
        let cores = conditions.cores();
        let gateway = Contender::gateway(programs, &cores, &conditions.gateway_options())?;
        let mut measured = Vec::new();
        for service in services {
            measured.push(Contender::started(service, &cores, &gateway)?);
        }
        if conditions.has_floor() {
            measured.push(Contender::floor(
                Command::new(&programs.floor),
                &cores,
                &gateway,
            )?);
        }
        Ok(Self {
            load: &programs.load,
            cores,
            conditions,
            measured,
            gateway,
        })
    }

    pub(super) fn cores(&self) -> &Cores {
        &self.cores
    }

    pub(super) fn gateway(&self) -> &Contender {
        &self.gateway
    }

    pub(super) fn contender(&self, name: &str) -> anyhow::Result<&Contender> {
        let mut all = self.all();
        all.find(|contender| contender.name == name)
            .with_context(|| format!("there is no contender {name}"))
    }

    fn all(&self) -> impl Iterator<Item = &Contender> {
        self.measured.iter().chain([&self.gateway])
    }

    /// Every second round goes backwards, so that nobody always comes after the same one.
    pub(super) fn run(
        &mut self,
        jobs: &[Job],
        rounds: usize,
        turn: Duration,
    ) -> anyhow::Result<Results> {
        self.warm_up(jobs)?;
        let mut results: Vec<_> = jobs.iter().map(|job| (*job, Vec::new())).collect();
        for round in 0..rounds {
            eprintln!(
                "{}: round {} of {rounds}, {} turns of {:.1} s",
                self.conditions.title().to_lowercase(),
                round + 1,
                jobs.len(),
                turn.as_secs_f64()
            );
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

    /// All are busy for a while. And what is asked for the first time may take longer: the gateway finds a page once.
    fn warm_up(&mut self, jobs: &[Job]) -> anyhow::Result<()> {
        let names: Vec<_> = self.all().map(|contender| contender.name).collect();
        for name in names {
            self.turn(
                Job::new(name, Operation::PointRead, super::BUSY),
                self.conditions.warm_up(),
            )?;
        }
        let agent = agent();
        for job in jobs {
            let contender = self.contender(job.contender)?;
            contender.target(job.operation)?.ask(&agent)?;
        }
        Ok(())
    }

    fn turn(&mut self, job: Job, time: Duration) -> anyhow::Result<Turn> {
        self.all_run()?;
        let contender = self.contender(job.contender)?;
        let process = contender.process.id();
        let target = contender.target(job.operation)?;
        let on_the_gateway = job.contender == self.gateway.name;
        let other = on_the_gateway.then(|| self.cores.for_the_gateway());
        let cores = other.as_ref().unwrap_or(&self.cores);
        let before = usage::processor_time(process);
        let seen = load::run(self.load, cores, &target, job.connections, End::After(time))?;
        let after = usage::processor_time(process);
        let used = after
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        Ok(Turn {
            seen,
            processor: used.map(|used| used.as_secs_f64() * 1e6 / seen.requests),
        })
    }

    /// After one point read, so that all have opened what they need.
    pub(super) fn idle_memory(&self) -> anyhow::Result<Vec<(&'static str, u64)>> {
        let agent = agent();
        for contender in &self.measured {
            contender.target(Operation::PointRead)?.ask(&agent)?;
        }
        Ok(self.memory())
    }

    fn memory(&self) -> Vec<(&'static str, u64)> {
        let memory = self.measured.iter().map(|contender| {
            let used = usage::memory(contender.process.id())?;
            Some((contender.name, used))
        });
        memory.flatten().collect()
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

    fn all_run(&mut self) -> anyhow::Result<()> {
        let mut all = self.measured.iter_mut().chain([&mut self.gateway]);
        all.try_for_each(|contender| contender.process.still_runs())
    }
}
