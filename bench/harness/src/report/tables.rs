//! The tables of a report.

use super::Report;
use crate::calls::Calls;
use crate::growth::FirstRead;
use crate::ratio::Ratio;
use crate::rounds::{Memory, Results, Turn, spread};
use crate::spread::Spread;
use crate::start::Starts;
use crate::table::Table;

pub(super) fn ratios(ratios: &[Ratio]) -> Table {
    let mut table = Table::new(["ratio", "median (least–most)", "must be"]);
    for Ratio { what, value, bound } in ratios {
        let bound = bound.map_or_else(String::new, |bound| bound.to_string());
        table.row([what.clone(), format!("{value:.2}"), bound]);
    }
    table
}

pub(super) fn turns(results: &Results) -> Table {
    let mut table = Table::new([
        "who and what",
        "connections",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "CPU µs/request",
    ]);
    for (job, turns) in &results.0 {
        table.row([
            format!("{}: {}", job.contender, job.operation.name()),
            job.connections.to_string(),
            per_second(turns),
            milliseconds(turns, |turn| turn.seen.p50),
            milliseconds(turns, |turn| turn.seen.p99),
            milliseconds(turns, |turn| turn.seen.p999),
            processor(turns),
        ]);
    }
    table
}

pub(super) fn growth(results: &Results) -> Table {
    let mut table = Table::new(["what", "requests/s", "p50 ms", "CPU µs/request"]);
    for (job, turns) in &results.0 {
        table.row([
            job.operation.name(),
            per_second(turns),
            milliseconds(turns, |turn| turn.seen.p50),
            processor(turns),
        ]);
    }
    table
}

pub(super) fn first_reads(reads: &[FirstRead]) -> Table {
    let mut table = Table::new(["members", "first, ms", "RU", "again, ms", "RU"]);
    for read in reads {
        let [first, again] = read.charges.map(units);
        table.row([
            read.members.to_string(),
            format!("{:.2}", read.first),
            first,
            format!("{:.2}", read.again),
            again,
        ]);
    }
    table
}

pub(super) fn calls(calls: &[Calls]) -> Table {
    let mut table = Table::new(["operation", "asks of storage", "expected", "RU"]);
    for calls in calls {
        table.row([
            calls.operation.clone(),
            calls.found.to_string(),
            calls.expected.to_string(),
            units(calls.charge),
        ]);
    }
    table
}

pub(super) fn processes(report: &Report) -> Table {
    let mut table = Table::new(["process", ""]);
    for starts in &report.starts {
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
    for memory in &report.memory {
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
        report.size.binary.to_string(),
    ]);
    table.row([
        "handler: size packed, about that of a package, bytes".to_owned(),
        report.size.packed.to_string(),
    ]);
    table
}

fn per_second(turns: &[Turn]) -> String {
    shown(spread(turns, |turn| Some(turn.seen.per_second)), 0)
}

fn milliseconds(turns: &[Turn], microseconds: fn(&Turn) -> f64) -> String {
    shown(spread(turns, |turn| Some(microseconds(turn) / 1e3)), 2)
}

fn processor(turns: &[Turn]) -> String {
    shown(spread(turns, |turn| turn.processor), 1)
}

fn units(charge: Option<f64>) -> String {
    charge.map_or_else(String::new, |units| format!("{units:.2}"))
}

fn shown(spread: Option<Spread>, decimals: usize) -> String {
    spread.map_or_else(String::new, |spread| format!("{spread:.decimals$}"))
}
