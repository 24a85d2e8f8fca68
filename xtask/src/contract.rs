//! `cargo xtask contract`: the `OpenAPI` document is validated, generated clients are used against the running app,
//! and schemathesis sends it what the document allows and what it forbids, and checks the answers against it.

mod clients;

use crate::local::{LocalApp, Programs};
use crate::process::{self, Process, listen_for_stop, told_to_stop, wait_for};
use crate::python::Environment;
use anyhow::{Context, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Many times what it takes, for machines that are busy: how many requests it sends is in the configuration.
const LIMIT: Duration = Duration::from_mins(20);

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// What requests are generated from, instead of the seed of the configuration.
    #[arg(long)]
    seed: Option<u64>,
}

/// Fails when an answer is not as the document says.
pub fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    let contract = root.join("tests/contract");
    let requirements = fs::read_to_string(contract.join("requirements.txt"));
    let requirements = requirements.context("cannot read requirements.txt")?;
    let python = Environment::with(root.join("target/contract"), &requirements)?;
    let programs = Programs::build(false)?;
    let document = validate(&python, &programs)?;
    let mut app = LocalApp::start(&programs, "warn")?;
    clients::check_python(&python, &contract, &document, &app.base)?;
    clients::check_typescript(&contract, &document, &app.base)?;
    let mut command = schemathesis(&python, &contract, &app.base, options);
    let mut schemathesis = Process::start("schemathesis", &mut command)?;
    let status = wait_for("schemathesis", Some(LIMIT), || {
        // Ctrl-C in a terminal reaches the children too.
        if !told_to_stop() {
            app.still_runs()?;
        }
        schemathesis.exited()
    })?;
    ensure!(
        status.success(),
        "the app and its contract differ, see above"
    );
    Ok(())
}

/// The document itself must be as the specification of `OpenAPI` 3.1 has it. Returns where it is.
fn validate(python: &Environment, programs: &Programs) -> anyhow::Result<PathBuf> {
    let document = python.folder().join("openapi.json");
    let file = File::create(&document).context("cannot write openapi.json")?;
    process::run("handler", programs.handler("openapi").stdout(file))?;
    let mut validator = Command::new(python.program("openapi-spec-validator"));
    validator.args(["--schema", "3.1"]).arg(&document);
    process::run("openapi-spec-validator", &mut validator)?;
    Ok(document)
}

/// It finds its configuration where it runs.
fn schemathesis(python: &Environment, contract: &Path, base: &str, options: Options) -> Command {
    let mut command = Command::new(python.program("schemathesis"));
    command
        .current_dir(contract)
        .args(["run", &format!("{base}/api/openapi.json")])
        .args(options.seed.map(|seed| format!("--seed={seed}")))
        .env(
            "HYPOTHESIS_STORAGE_DIRECTORY",
            python.folder().join("hypothesis"),
        )
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
