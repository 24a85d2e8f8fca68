//! Programs that Python brings, in virtual environments below `target/`.

use crate::process;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BIN: &str = if cfg!(windows) { "Scripts" } else { "bin" };
const NEEDED: &str =
    "Python 3.10 or newer is needed, with `venv` (Debian: apt-get install python3-venv)";

/// A virtual environment.
#[derive(Debug)]
pub struct Environment(PathBuf);

impl Environment {
    /// The one in this folder, made anew unless it has just these requirements, as a requirements file has them.
    pub fn with(folder: PathBuf, requirements: &str) -> anyhow::Result<Self> {
        let environment = Self(folder);
        if !environment.has(requirements) {
            environment.install(requirements)?;
        }
        Ok(environment)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// One of its programs, such as `python`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(BIN).join(name)
    }

    /// Written when everything is installed.
    fn list(&self) -> PathBuf {
        self.0.join("installed.txt")
    }

    fn has(&self, requirements: &str) -> bool {
        fs::read_to_string(self.list()).is_ok_and(|installed| installed == requirements)
    }

    fn install(&self, requirements: &str) -> anyhow::Result<()> {
        eprintln!("  Installing Python packages in {}", self.0.display());
        let mut venv = Command::new(python(|name| runs(name, &["--version"]))?);
        venv.args(["-m", "venv", "--clear"]).arg(&self.0);
        process::run("python", &mut venv).context(NEEDED)?;
        let wanted = self.0.join("wanted.txt");
        fs::write(&wanted, requirements).context("cannot write what to install")?;
        let mut pip = Command::new(self.program("python"));
        pip.args(["-m", "pip", "install", "--quiet"]);
        pip.args(["--disable-pip-version-check", "--requirement"]);
        process::run("pip", pip.arg(&wanted))?;
        fs::rename(&wanted, self.list()).context("cannot keep what is installed")
    }
}

/// Whether a program is there and does this.
pub fn runs(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn python(runs: impl Fn(&str) -> bool) -> anyhow::Result<&'static str> {
    let mut names = ["python3", "python"].into_iter();
    names.find(|name| runs(name)).context(NEEDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_python_it_says_what_to_install() {
        let error = python(|_| false).unwrap_err().to_string();
        assert!(error.contains("Python 3.10"), "{error}");
        assert!(error.contains("python3-venv"), "{error}");
        assert_eq!(python(|name| name == "python").unwrap(), "python");
    }

    #[test]
    fn an_environment_with_other_requirements_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment(folder.path().to_owned());
        assert!(!environment.has("zig==1\n"));
        fs::write(environment.list(), "zig==1\n").unwrap();
        assert!(environment.has("zig==1\n"));
        assert!(!environment.has("zig==2\n"));
    }
}
