//! Under which conditions contenders are measured. Each scenario has processes of its own.

use super::contender::{FLOOR, GATEWAY};
use super::growth::Growth;
use super::machine::{self, Cores};
use super::operation::Operation;
use super::rounds::{Job, Results};
use super::service::{HANDLER, LOGGING, Service};
use super::{BUSY, CONNECTIONS, ROUNDS};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conditions {
    /// What is measured has one core, and storage answers at once.
    OneCore,
    /// Nothing is kept to a core, and peers are as many processes as there are cores.
    AllCores,
    /// Storage takes so many milliseconds.
    SlowStorage(u32),
    /// Storage holds more, and the handler is asked for more.
    Growth,
}

/// What was measured under these conditions.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) conditions: Conditions,
    pub(super) results: Results,
}

impl Conditions {
    /// In the order of a full run.
    pub(super) const BESIDE_ONE_CORE: [Self; 3] =
        [Self::AllCores, Self::SlowStorage(5), Self::Growth];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::OneCore => "turns",
            Self::AllCores => "allCores",
            Self::SlowStorage(_) => "slowStorage",
            Self::Growth => "growth",
        }
    }

    pub(super) fn title(self) -> String {
        match self {
            Self::OneCore => "One core each".to_owned(),
            Self::AllCores => "As many workers as cores".to_owned(),
            Self::SlowStorage(latency) => format!("Storage that takes {latency} ms"),
            Self::Growth => "How the handler grows".to_owned(),
        }
    }

    /// What one must know to read the numbers.
    pub(super) fn about(self) -> String {
        match self {
            Self::OneCore => "What is measured has one core for itself.".to_owned(),
            Self::AllCores => format!(
                "Nothing is kept to a core. The handler is one process as always, Python runs `uvicorn --workers {0}`, \
                Node `node:cluster` with {0} workers. The load and the gateway run on the same {0} cores and take a part \
                of them: the faster the service, the larger the part. So with few cores this favours slow services.",
                machine::cores()
            ),
            Self::SlowStorage(latency) => format!(
                "The gateway waits {latency} ms before each answer about items; all else is as above. With few connections \
                everybody waits for storage, and what differs is the processor time."
            ),
            Self::Growth => format!(
                "{BUSY} connections, {} rounds. Who is a member is remembered. Items are about 1 KB where nothing else is \
                said; a long description makes a large one.",
                self.rounds()
            ),
        }
    }

    pub(super) fn rounds(self) -> usize {
        match self {
            Self::Growth => 3,
            _ => ROUNDS,
        }
    }

    /// How long a turn is in a full run.
    pub(super) fn turn(self) -> Duration {
        Duration::from_millis(match self {
            Self::OneCore | Self::AllCores | Self::SlowStorage(_) => 2_000,
            Self::Growth => 1_500,
        })
    }

    /// Long enough for the last worker to have started.
    pub(super) fn warm_up(self) -> Duration {
        Duration::from_millis(if self == Self::AllCores { 3_000 } else { 700 })
    }

    pub(super) fn cores(self) -> Cores {
        match self {
            Self::AllCores => Cores::shared(),
            _ => Cores::of_this_machine(),
        }
    }

    /// The services as they take part.
    pub(super) fn services(self, all: &[Service]) -> Vec<Service> {
        let all = all.iter().cloned();
        let all = all.filter(|service| service.name != LOGGING || self == Self::OneCore);
        match self {
            Self::AllCores => all
                .map(|service| service.with_workers(machine::cores()))
                .collect(),
            Self::Growth => all.filter(|service| service.name == HANDLER).collect(),
            _ => all.collect(),
        }
    }

    pub(super) fn has_floor(self) -> bool {
        matches!(self, Self::OneCore | Self::SlowStorage(_))
    }

    pub(super) fn gateway_options(self) -> Vec<String> {
        match self {
            Self::SlowStorage(latency) => vec![format!("--latency-ms={latency}")],
            Self::Growth => vec!["--growth".to_owned()],
            _ => Vec::new(),
        }
    }

    pub(super) fn jobs(self, services: &[Service]) -> Vec<Job> {
        let names: Vec<_> = services.iter().map(|service| service.name).collect();
        let with_floor: Vec<_> = names.iter().copied().chain([FLOOR]).collect();
        match self {
            Self::OneCore => one_core(&names, &with_floor),
            Self::AllCores => reads(&names, &CONNECTIONS[1..]),
            Self::SlowStorage(_) => {
                // Alone, it shows what storage takes.
                let mut jobs = reads(&[FLOOR], &CONNECTIONS[..1]);
                jobs.extend(reads(&with_floor, &CONNECTIONS[1..]));
                jobs
            }
            Self::Growth => Growth::all()
                .map(|growth| Job::new(HANDLER, Operation::Grown(growth), BUSY))
                .collect(),
        }
    }
}

/// What the log costs is seen with one operation.
fn one_core(names: &[&'static str], with_floor: &[&'static str]) -> Vec<Job> {
    let names = names.iter().copied().filter(|name| *name != LOGGING);
    let names: Vec<_> = names.collect();
    let mut jobs = vec![
        Job::new(GATEWAY, Operation::PointRead, BUSY),
        Job::new(FLOOR, Operation::Hello, BUSY),
    ];
    jobs.extend(reads(with_floor, &CONNECTIONS));
    for operation in [
        Operation::NotModified,
        Operation::List,
        Operation::Create,
        Operation::Patch,
    ] {
        jobs.extend(turns(operation, &names, &CONNECTIONS));
    }
    jobs
}

fn reads(names: &[&'static str], connections: &[usize]) -> Vec<Job> {
    turns(Operation::PointRead, names, connections)
}

fn turns(operation: Operation, names: &[&'static str], connections: &[usize]) -> Vec<Job> {
    let turns = connections.iter().flat_map(|connections| {
        let by = |name: &&'static str| Job::new(name, operation, *connections);
        names.iter().map(by)
    });
    turns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn only_those_that_take_part_have_a_turn() {
        let handler = Service::handler(Path::new("."), "handler".into());
        let all = [handler.clone(), handler.logging()];
        for conditions in [Conditions::OneCore]
            .into_iter()
            .chain(Conditions::BESIDE_ONE_CORE)
        {
            let services = conditions.services(&all);
            let jobs = conditions.jobs(&services);
            assert!(jobs.iter().any(|job| job.contender == HANDLER));
            let by_the_floor = jobs.iter().any(|job| job.contender == FLOOR);
            assert_eq!(by_the_floor, conditions.has_floor(), "{conditions:?}");
            let logging = jobs.iter().filter(|job| job.contender == LOGGING);
            let logging: Vec<_> = logging.map(|job| job.operation).collect();
            let expected = [Operation::PointRead; CONNECTIONS.len()];
            let expected = expected
                .iter()
                .filter(|_| conditions == Conditions::OneCore);
            assert!(logging.iter().eq(expected), "{conditions:?}: {logging:?}");
        }
    }
}
