//! How long a service takes from the start of its process to its answers.

use super::contender::Contender;
use super::machine::Cores;
use super::operation::Operation;
use super::service::Service;
use super::spread::Spread;
use anyhow::{Context, ensure};
use std::thread::sleep;
use std::time::{Duration, Instant};
use xtask::local::agent;

/// How exactly it is known.
const POLL: Duration = Duration::from_micros(500);

/// Milliseconds since the process was started.
#[derive(Debug)]
pub(super) struct Starts {
    pub(super) contender: &'static str,
    /// To the answer to `/`, as the host asks for it.
    pub(super) first_answer: Spread,
    /// To a project out of storage.
    pub(super) first_read: Spread,
}

pub(super) fn times(
    service: &Service,
    cores: &Cores,
    gateway: &Contender,
    times: usize,
) -> anyhow::Result<Starts> {
    let (mut answers, mut reads) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let started = Instant::now();
        let contender = Contender::starting(service, cores, gateway)?;
        answers.push(until_answered(&contender, Operation::Hello, started)?);
        reads.push(until_answered(&contender, Operation::PointRead, started)?);
    }
    Ok(Starts {
        contender: service.name,
        first_answer: Spread::of(answers).context("nothing was started")?,
        first_read: Spread::of(reads).context("nothing was started")?,
    })
}

fn until_answered(
    contender: &Contender,
    operation: Operation,
    started: Instant,
) -> anyhow::Result<f64> {
    let target = contender.target(operation)?;
    let agent = agent();
    while target.ask(&agent).is_err() {
        ensure!(
            started.elapsed() < super::LIMIT,
            "{} did not answer within {} s",
            contender.name,
            super::LIMIT.as_secs()
        );
        sleep(POLL);
    }
    Ok(started.elapsed().as_secs_f64() * 1e3)
}
