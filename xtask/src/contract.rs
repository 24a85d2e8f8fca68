//! `cargo xtask contract`: the `OpenAPI` document is validated, and schemathesis sends the running app what it
//! allows and what it forbids, and checks the answers against it.

use crate::local::{LocalApp, Programs};
use crate::process::{Process, listen_for_stop, told_to_stop, wait_for};
use crate::python::{Environment, to_its_end};
use anyhow::{Context, ensure};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A few times what it takes: how many requests it sends is in the configuration.
const LIMIT: Duration = Duration::from_mins(6);

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// What requests are generated from, instead of the seed of the configuration.
    #[arg(long)]
    seed: Option<u64>,
}

/// Fails when an answer is not as the document says.
pub fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    let python = Python::installed(root)?;
    let programs = Programs::build(false)?;
    python.validate(&programs)?;
    let mut app = LocalApp::start(&programs, 0, 0, Some("warn"))?;
    let mut command = python.schemathesis(&app.base, options);
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

/// What is installed for the test.
struct Python {
    /// Where the configuration is.
    contract: PathBuf,
    environment: Environment,
}

impl Python {
    fn installed(root: &Path) -> anyhow::Result<Self> {
        let contract = root.join("tests/contract");
        let requirements = contract.join("requirements.txt");
        let environment = Environment::installed(&requirements, root.join("target/contract"))?;
        Ok(Self {
            contract,
            environment,
        })
    }

    /// The document itself must be as the specification of `OpenAPI` 3.1 has it.
    fn validate(&self, programs: &Programs) -> anyhow::Result<()> {
        let document = self.environment.folder.join("openapi.json");
        let file = File::create(&document).context("cannot write openapi.json")?;
        to_its_end("handler", programs.handler("openapi").stdout(file))?;
        let mut validator = Command::new(self.environment.program("openapi-spec-validator"));
        validator.args(["--schema", "3.1"]).arg(&document);
        to_its_end("openapi-spec-validator", &mut validator)
    }

    /// It finds its configuration where it runs.
    fn schemathesis(&self, base: &str, options: Options) -> Command {
        let mut command = Command::new(self.environment.program("schemathesis"));
        command
            .current_dir(&self.contract)
            .args(["run", &format!("{base}/api/openapi.json")])
            .args(options.seed.map(|seed| format!("--seed={seed}")))
            .env(
                "HYPOTHESIS_STORAGE_DIRECTORY",
                self.environment.folder.join("hypothesis"),
            )
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}
