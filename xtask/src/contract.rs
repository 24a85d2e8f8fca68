//! `cargo xtask contract`: the `OpenAPI` document is validated, and schemathesis sends the running app what it
//! allows and what it forbids, and checks the answers against it.

use crate::local::{LocalApp, Programs};
use crate::process::{Process, listen_for_stop, told_to_stop, wait_for};
use anyhow::{Context, ensure};
use std::fs::{self, File};
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

/// A virtual environment of Python.
struct Python {
    /// Where the configuration is.
    contract: PathBuf,
    environment: PathBuf,
}

impl Python {
    /// Installs what `requirements.txt` names, when it is not there yet.
    fn installed(root: &Path) -> anyhow::Result<Self> {
        let python = Self {
            contract: root.join("tests/contract"),
            environment: root.join("target/contract"),
        };
        let wanted = python.contract.join("requirements.txt");
        let installed = python.environment.join("installed.txt");
        let requirements = fs::read(&wanted).context("cannot read requirements.txt")?;
        if fs::read(&installed).is_ok_and(|found| found == requirements) {
            return Ok(python);
        }
        let mut venv = Command::new(if cfg!(windows) { "python" } else { "python3" });
        venv.args(["-m", "venv", "--clear"])
            .arg(&python.environment);
        to_its_end("python", &mut venv).context(
            "Python 3.10 or newer is needed, with `venv` (Debian: apt-get install python3-venv)",
        )?;
        let mut pip = Command::new(python.program("python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ]);
        to_its_end("pip", pip.arg(&wanted))?;
        fs::write(&installed, requirements).context("cannot keep what is installed")?;
        Ok(python)
    }

    /// The document itself must be as the specification of `OpenAPI` 3.1 has it.
    fn validate(&self, programs: &Programs) -> anyhow::Result<()> {
        let document = self.environment.join("openapi.json");
        let file = File::create(&document).context("cannot write openapi.json")?;
        to_its_end("handler", programs.handler("openapi").stdout(file))?;
        let mut validator = Command::new(self.program("openapi-spec-validator"));
        validator.args(["--schema", "3.1"]).arg(&document);
        to_its_end("openapi-spec-validator", &mut validator)
    }

    /// It finds its configuration where it runs.
    fn schemathesis(&self, base: &str, options: Options) -> Command {
        let mut command = Command::new(self.program("schemathesis"));
        command
            .current_dir(&self.contract)
            .args(["run", &format!("{base}/api/openapi.json")])
            .args(options.seed.map(|seed| format!("--seed={seed}")))
            .env(
                "HYPOTHESIS_STORAGE_DIRECTORY",
                self.environment.join("hypothesis"),
            )
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.environment.join(folder).join(name)
    }
}

fn to_its_end(name: &'static str, command: &mut Command) -> anyhow::Result<()> {
    let mut process = Process::start(name, command)?;
    let status = wait_for(name, Some(LIMIT), || process.exited())?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}
