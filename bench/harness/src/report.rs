//! What was measured, for people and for machines: ratios first, they hold on any machine.

mod tables;

use super::calls::Calls;
use super::goals;
use super::growth::FirstRead;
use super::ratio::Ratio;
use super::rounds::{Job, Memory, Results, Turn, spread};
use super::scenario::{Conditions, Scenario};
use super::size::Size;
use super::spread::Spread;
use super::start::Starts;
use serde_json::{Value, json};
use std::fmt;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) machine: String,
    /// The first is [`Conditions::OneCore`].
    pub(super) scenarios: Vec<Scenario>,
    pub(super) first_reads: Vec<FirstRead>,
    pub(super) memory: Vec<Memory>,
    pub(super) starts: Vec<Starts>,
    pub(super) calls: Vec<Calls>,
    pub(super) size: Size,
}

impl Report {
    /// What is not as it must be, in words.
    pub(super) fn failures(&self) -> Vec<String> {
        let calls = self.calls.iter().filter_map(Calls::failure);
        let ratios = self.ratios();
        ratios
            .iter()
            .filter_map(Ratio::failure)
            .chain(calls)
            .collect()
    }

    pub(super) fn ratios(&self) -> Vec<Ratio> {
        goals::ratios(&self.scenarios, &self.starts, &self.memory)
    }

    pub(super) fn results(&self, conditions: Conditions) -> Option<&Results> {
        let mut scenarios = self.scenarios.iter();
        let found = scenarios.find(|scenario| scenario.conditions == conditions);
        found.map(|scenario| &scenario.results)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = json!({
            "machine": self.machine,
            "rounds": Conditions::OneCore.rounds(),
            "ratios": self.ratios().iter().map(Ratio::to_json).collect::<Vec<_>>(),
            "start": self.starts.iter().map(Starts::to_json).collect::<Vec<_>>(),
            "memoryKiB": self.memory.iter().map(Memory::to_json).collect::<Vec<_>>(),
            "storageCalls": self.calls.iter().map(Calls::to_json).collect::<Vec<_>>(),
            "firstReads": self.first_reads.iter().map(FirstRead::to_json).collect::<Vec<_>>(),
            "handlerBytes": self.size.binary,
            "handlerBytesPacked": self.size.packed,
            "failures": self.failures(),
        });
        for Scenario {
            conditions,
            results,
        } in &self.scenarios
        {
            json[conditions.key()] = results.0.iter().map(turns_to_json).collect();
        }
        json
    }
}

/// In Markdown, so that it can go into a document as it is.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}.\n", self.machine)?;
        writeln!(
            f,
            "Numbers are the median of {} interleaved rounds, and in parentheses the least and the most.\n",
            Conditions::OneCore.rounds()
        )?;
        writeln!(f, "### Ratios\n\n{}", tables::ratios(&self.ratios()))?;
        for Scenario {
            conditions,
            results,
        } in &self.scenarios
        {
            let (title, about) = (conditions.title(), conditions.about());
            writeln!(f, "### {title}\n\n{about}\n")?;
            match conditions {
                Conditions::Growth => writeln!(f, "{}", tables::growth(results))?,
                _ => writeln!(f, "{}", tables::turns(results))?,
            }
        }
        if !self.first_reads.is_empty() {
            let about = "One caller reads a project in workspaces that the handler has not seen, and reads it again.";
            let table = tables::first_reads(&self.first_reads);
            writeln!(f, "{about}\n\n{table}")?;
        }
        writeln!(
            f,
            "### Start, memory and size\n\n{}",
            tables::processes(self)
        )?;
        writeln!(
            f,
            "### What is asked of storage\n\n{}",
            tables::calls(&self.calls)
        )
    }
}

impl Starts {
    fn to_json(&self) -> Value {
        json!({
            "contender": self.contender,
            "firstAnswerMs": self.first_answer.to_json(),
            "firstReadMs": self.first_read.to_json(),
        })
    }
}

impl Memory {
    fn to_json(&self) -> Value {
        json!({ "contender": self.contender, "idle": self.idle, "loaded": self.loaded })
    }
}

impl FirstRead {
    fn to_json(&self) -> Value {
        json!({
            "members": self.members,
            "firstMs": self.first.to_json(),
            "againMs": self.again.to_json(),
            "requestUnits": self.charges,
        })
    }
}

impl Calls {
    fn failure(&self) -> Option<String> {
        let Self {
            operation,
            expected,
            found,
            ..
        } = self;
        (found != expected).then(|| format!("{operation} asks {found}, must ask {expected}"))
    }

    fn to_json(&self) -> Value {
        json!({
            "operation": self.operation,
            "expected": self.expected,
            "found": self.found,
            "requestUnits": self.charge,
        })
    }
}

fn turns_to_json((job, turns): &(Job, Vec<Turn>)) -> Value {
    let figure = |figure: fn(&Turn) -> Option<f64>| spread(turns, figure).map(Spread::to_json);
    json!({
        "contender": job.contender,
        "operation": job.operation.name(),
        "connections": job.connections,
        "requestsPerSecond": figure(|turn| Some(turn.seen.per_second)),
        "p50Us": figure(|turn| Some(turn.seen.p50)),
        "p99Us": figure(|turn| Some(turn.seen.p99)),
        "p999Us": figure(|turn| Some(turn.seen.p999)),
        "processorUsPerRequest": figure(|turn| turn.processor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_calls_of_storage_than_expected_are_failures() {
        let mut calls = Calls {
            operation: "list".to_owned(),
            expected: json!({ "query": 1 }),
            found: json!({ "query": 1 }),
            charge: None,
        };
        assert_eq!(calls.failure(), None);
        calls.found = json!({ "query": 1, "read": 1 });
        let failure = calls.failure().unwrap();
        assert_eq!(
            failure,
            r#"list asks {"query":1,"read":1}, must ask {"query":1}"#
        );
    }
}
