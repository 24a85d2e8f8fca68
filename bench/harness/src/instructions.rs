//! Instructions per request, counted by callgrind. They do not depend on what else the machine does, so they decide
//! where times cannot. Those of the kernel are not counted.

use super::contender::{Contender, FLOOR, Programs};
use super::load::{self, End};
use super::machine::Cores;
use super::operation::Operation;
use super::service::{HANDLER, LOGGING, Service};
use super::table::Table;
use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xtask::process;
use xtask::python::runs;

const NEEDED: &str = "valgrind is needed (Debian: apt-get install valgrind)";

/// Below the repository: what each figure may be at most.
const BOUNDS: &str = "bench/instructions.json";

/// How much more than what was measured a bound allows.
const PERCENT: u64 = 2;

/// Few: under callgrind everything takes fifty times as long, and of a request that takes more than a second the handler
/// writes a line.
const CONNECTIONS: usize = 2;

/// The floor only reads, and answers without storage.
const WANTED: [(&str, Operation); 9] = [
    (LOGGING, Operation::PointRead),
    (LOGGING, Operation::NotModified),
    (LOGGING, Operation::List),
    (LOGGING, Operation::Create),
    (LOGGING, Operation::Patch),
    (LOGGING, Operation::Live),
    (HANDLER, Operation::PointRead),
    (FLOOR, Operation::PointRead),
    (FLOOR, Operation::Live),
];

/// How many requests are counted, after some that are not.
const COUNTED: u32 = 1_000;
const QUICKLY_COUNTED: u32 = 300;
const WARM_UP: u32 = 100;

/// A program under callgrind, which writes what it counted when it is told to.
pub(super) fn callgrind(program: &Path, counts: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]);
    command.arg(format!("--callgrind-out-file={}", counts.display()));
    command.arg(program);
    command
}

/// Prints the table. Fails when a figure is above its bound; with `update`, the bounds are made from the figures.
pub(super) fn run(root: &Path, quick: bool, update: bool) -> anyhow::Result<()> {
    ensure!(runs("valgrind", &["--version"]), NEEDED);
    let bounds = root.join(BOUNDS);
    let most = read(&bounds)?;
    let bench = Bench::start(root, if quick { QUICKLY_COUNTED } else { COUNTED })?;
    let mut found = Map::new();
    for (contender, operation) in WANTED {
        let what = format!("{contender}: {}", operation.name());
        let instructions = bench.per_request(contender, operation)?;
        eprintln!("{what}: {instructions}");
        found.insert(what, instructions.into());
    }
    println!(
        "Instructions per request, in user space only, {CONNECTIONS} connections\n\n{}",
        table(&found, &most)
    );
    if update {
        let text = format!("{:#}\n", Value::from(bounds_of(&found)));
        return fs::write(&bounds, text).with_context(|| format!("cannot write {BOUNDS}"));
    }
    let failures = failures(&found, &most);
    ensure!(failures.is_empty(), "dearer: {}", failures.join("; "));
    Ok(())
}

/// What is the same for all that is counted.
#[derive(Debug)]
struct Bench {
    programs: Programs,
    cores: Cores,
    gateway: Contender,
    handler: Service,
    counts: PathBuf,
    requests: u32,
}

impl Bench {
    fn start(root: &Path, requests: u32) -> anyhow::Result<Self> {
        let programs = Programs::build(root)?;
        let cores = Cores::of_this_machine();
        let counts = root.join("target/bench/callgrind.out");
        fs::create_dir_all(root.join("target/bench"))?;
        Ok(Self {
            gateway: Contender::gateway(&programs, &cores, &[])?,
            handler: Service::handler(root, programs.handler.clone()).counted(counts.clone()),
            programs,
            cores,
            counts,
            requests,
        })
    }

    fn per_request(&self, contender: &str, operation: Operation) -> anyhow::Result<u64> {
        let contender = self.contender(contender)?;
        let target = contender.target(operation)?;
        let load = |requests| {
            let end = End::Requests(requests);
            load::run(&self.programs.load, &self.cores, &target, CONNECTIONS, end)
        };
        load(WARM_UP)?;
        tell(&contender, "zero")?;
        load(self.requests)?;
        tell(&contender, "dump")?;
        let text = fs::read_to_string(self.counts.with_added_extension("1"));
        let total = total(&text.context("callgrind wrote nothing")?);
        let total = total.context("callgrind did not say how many instructions there were")?;
        Ok(total / u64::from(self.requests))
    }

    fn contender(&self, name: &str) -> anyhow::Result<Contender> {
        let Self { cores, gateway, .. } = self;
        match name {
            FLOOR => {
                let floor = callgrind(&self.programs.floor, &self.counts);
                Contender::floor(floor, cores, gateway)
            }
            LOGGING => Contender::started(&self.handler.clone().logging(), cores, gateway),
            _ => Contender::started(&self.handler, cores, gateway),
        }
    }
}

/// Has callgrind begin to count, or write what it has counted: starts and ends are as different as the machine is busy.
fn tell(contender: &Contender, what: &str) -> anyhow::Result<()> {
    let mut vgdb = Command::new("vgdb");
    vgdb.arg(format!("--pid={}", contender.process.id()));
    process::run("vgdb", vgdb.arg(what).stderr(Stdio::null()))
}

/// Callgrind's `totals: 1234`.
fn total(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    let total = lines.find_map(|line| line.strip_prefix("totals:"))?;
    total.trim().parse().ok()
}

fn read(bounds: &Path) -> anyhow::Result<Map<String, Value>> {
    match fs::read_to_string(bounds) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{BOUNDS} is no use")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("there is no {BOUNDS}, so any figure will do; --update makes it");
            Ok(Map::new())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {BOUNDS}")),
    }
}

fn bounds_of(found: &Map<String, Value>) -> Map<String, Value> {
    let bound = |value: &Value| json!(value.as_u64().map(|value| value * (100 + PERCENT) / 100));
    found
        .iter()
        .map(|(what, value)| (what.clone(), bound(value)))
        .collect()
}

fn table(found: &Map<String, Value>, most: &Map<String, Value>) -> Table {
    let mut table = Table::new(["who and what", "instructions", "at most"]);
    for (what, value) in found {
        let bound = most.get(what).map_or_else(String::new, Value::to_string);
        table.row([what.clone(), value.to_string(), bound]);
    }
    table
}

fn failures(found: &Map<String, Value>, most: &Map<String, Value>) -> Vec<String> {
    let dearer = found.iter().filter_map(|(what, value)| {
        let bound = most.get(what)?.as_u64()?;
        (value.as_u64()? > bound).then(|| format!("{what} took {value}, may take {bound}"))
    });
    dearer.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_total_is_what_callgrind_wrote_last() {
        let text = "events: Ir\nfn=(1) main\n1 90\n\ntotals: 1234567\n";
        assert_eq!(total(text), Some(1_234_567));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn a_request_may_be_two_percent_dearer() {
        let bounds = bounds_of(&figures(r#"{"read": 1000}"#));
        let within = failures(&figures(r#"{"read": 1020, "new": 1}"#), &bounds);
        assert!(within.is_empty(), "{within:?}");
        let dearer = failures(&figures(r#"{"read": 1021}"#), &bounds);
        assert_eq!(dearer, ["read took 1021, may take 1020"]);
    }
}
