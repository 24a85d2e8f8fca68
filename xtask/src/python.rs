//! Virtual environments of Python.

use crate::process::{Process, wait_for};
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// An installation downloads some megabytes.
const LIMIT: Duration = Duration::from_mins(6);

/// A virtual environment with what a `requirements.txt` names.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) folder: PathBuf,
}

impl Environment {
    /// Installs what `requirements` names, when it is not there yet.
    pub(crate) fn installed(requirements: &Path, folder: PathBuf) -> anyhow::Result<Self> {
        let environment = Self { folder };
        let installed = environment.folder.join("installed.txt");
        let wanted = fs::read(requirements).context("cannot read requirements.txt")?;
        if fs::read(&installed).is_ok_and(|found| found == wanted) {
            return Ok(environment);
        }
        let mut venv = Command::new(if cfg!(windows) { "python" } else { "python3" });
        venv.args(["-m", "venv", "--clear"])
            .arg(&environment.folder);
        to_its_end("python", &mut venv).context(
            "Python 3.10 or newer is needed, with `venv` (Debian: apt-get install python3-venv)",
        )?;
        let mut pip = Command::new(environment.program("python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ]);
        to_its_end("pip", pip.arg(requirements))?;
        fs::write(&installed, wanted).context("cannot keep what is installed")?;
        Ok(environment)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder.join(folder).join(name)
    }
}

/// Runs a program until it ends. Fails when it does.
pub(crate) fn to_its_end(name: &'static str, command: &mut Command) -> anyhow::Result<()> {
    let mut process = Process::start(name, command)?;
    let status = wait_for(name, Some(LIMIT), || process.exited())?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}
