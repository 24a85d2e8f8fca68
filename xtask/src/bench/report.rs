//! What was measured, for people and for machines: ratios first, they hold on any machine.

use super::calls::Calls;
use super::ratio::Ratio;
use super::rounds::{Job, Memory, Results, Turn, spread};
use super::spread::Spread;
use super::start::Starts;
use super::table::Table;
use serde_json::{Value, json};
use std::fmt;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) machine: String,
    pub(super) latency_ms: u32,
    pub(super) rounds: usize,
    pub(super) ratios: Vec<Ratio>,
    pub(super) results: Results,
    pub(super) memory: Vec<Memory>,
    pub(super) starts: Vec<Starts>,
    pub(super) calls: Vec<Calls>,
    pub(super) handler_bytes: u64,
}

impl Report {
    /// What is not as it must be, in words.
    pub(super) fn failures(&self) -> Vec<String> {
        let ratios = self.ratios.iter().filter_map(Ratio::failure);
        let calls = self.calls.iter().filter_map(Calls::failure);
        ratios.chain(calls).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "machine": self.machine,
            "latencyMs": self.latency_ms,
            "rounds": self.rounds,
            "ratios": self.ratios.iter().map(Ratio::to_json).collect::<Vec<_>>(),
            "turns": self.results.0.iter().map(turns_to_json).collect::<Vec<_>>(),
            "start": self.starts.iter().map(Starts::to_json).collect::<Vec<_>>(),
            "memoryKiB": self.memory.iter().map(Memory::to_json).collect::<Vec<_>>(),
            "storageCalls": self.calls.iter().map(Calls::to_json).collect::<Vec<_>>(),
            "handlerBytes": self.handler_bytes,
            "failures": self.failures(),
        })
    }

    fn ratio_table(&self) -> Table {
        let mut table = Table::new(["ratio", "median (least–most)", "must be"]);
        for Ratio { what, value, bound } in &self.ratios {
            let bound = bound.map_or_else(String::new, |bound| bound.to_string());
            table.row([what.clone(), format!("{value:.2}"), bound]);
        }
        table
    }

    fn turn_table(&self) -> Table {
        let mut table = Table::new([
            "who and what",
            "connections",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU µs/request",
        ]);
        for (job, turns) in &self.results.0 {
            let milliseconds =
                |figure: fn(&Turn) -> f64| shown(spread(turns, |turn| Some(figure(turn) / 1e3)), 2);
            table.row([
                format!("{}: {}", job.contender, job.operation.name()),
                job.connections.to_string(),
                shown(spread(turns, |turn| Some(turn.seen.per_second)), 0),
                milliseconds(|turn| turn.seen.p50),
                milliseconds(|turn| turn.seen.p99),
                milliseconds(|turn| turn.seen.p999),
                shown(spread(turns, |turn| turn.processor), 1),
            ]);
        }
        table
    }

    fn call_table(&self) -> Table {
        let mut table = Table::new(["operation", "asks of storage", "expected", "RU"]);
        for calls in &self.calls {
            let charge = calls
                .charge
                .map_or_else(String::new, |ru| format!("{ru:.2}"));
            table.row([
                calls.operation.clone(),
                calls.found.to_string(),
                calls.expected.to_string(),
                charge,
            ]);
        }
        table
    }

    fn process_table(&self) -> Table {
        let mut table = Table::new(["process", ""]);
        for starts in &self.starts {
            let Starts {
                contender,
                first_answer,
                first_read,
            } = starts;
            table.row([
                format!("{contender}: start to first answer, ms"),
                format!("{first_answer:.1}"),
            ]);
            table.row([
                format!("{contender}: start to first read of storage, ms"),
                format!("{first_read:.1}"),
            ]);
        }
        for memory in &self.memory {
            let Memory {
                contender,
                idle,
                loaded,
            } = memory;
            let megabytes = |kib: u64| format!("{}.{}", kib / 1_024, kib % 1_024 * 10 / 1_024);
            table.row([
                format!("{contender}: resident memory before and after load, MiB"),
                format!("{} and {}", megabytes(*idle), megabytes(*loaded)),
            ]);
        }
        table.row([
            "handler: size of the binary, bytes".to_owned(),
            self.handler_bytes.to_string(),
        ]);
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            machine,
            rounds,
            latency_ms,
            ..
        } = self;
        writeln!(f, "{machine}")?;
        writeln!(
            f,
            "{rounds} interleaved rounds; storage takes {latency_ms} ms more than it must\n"
        )?;
        for table in [
            self.ratio_table(),
            self.turn_table(),
            self.process_table(),
            self.call_table(),
        ] {
            writeln!(f, "{table}")?;
        }
        Ok(())
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

fn shown(spread: Option<Spread>, decimals: usize) -> String {
    spread.map_or_else(String::new, |spread| format!("{spread:.decimals$}"))
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
