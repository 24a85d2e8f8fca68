//! cargo-zigbuild: cargo with zig for C and for linking. It links statically, and for a glibc older than this
//! machine's.

use crate::cargo;
use anyhow::{Context, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Of the Python packages, which are whole programs.
const CARGO_ZIGBUILD: &str = "0.24.0";
const ZIG: &str = "0.16.0";

const BIN: &str = if cfg!(windows) { "Scripts" } else { "bin" };

/// `cargo zigbuild` in the workspace's folder. Where it is not installed, it is put in `target`.
pub(crate) fn command(root: &Path) -> anyhow::Result<Command> {
    let mut command = if is_installed() {
        cargo::program("cargo-zigbuild".as_ref(), root)
    } else {
        let environment = Environment::below(&root.join("target"));
        environment.install_once()?;
        environment.command(root)
    };
    command.arg("zigbuild");
    Ok(command)
}

fn is_installed() -> bool {
    runs("cargo-zigbuild", &["--version"]) && (runs("zig", &["version"]) || has_zig("python3"))
}

fn has_zig(python: impl AsRef<OsStr>) -> bool {
    runs(python, &["-m", "ziglang", "version"])
}

fn runs(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A virtual environment of Python.
struct Environment(PathBuf);

impl Environment {
    /// Other versions are in another one.
    fn below(folder: &Path) -> Self {
        Self(folder.join(format!("zigbuild-{CARGO_ZIGBUILD}-{ZIG}")))
    }

    fn install_once(&self) -> anyhow::Result<()> {
        let zigbuild = self.program("cargo-zigbuild");
        if runs(zigbuild, &["--version"]) && has_zig(self.program("python")) {
            return Ok(());
        }
        let python = python(|python| runs(python, &["--version"]))?;
        let packages = [
            format!("cargo-zigbuild=={CARGO_ZIGBUILD}"),
            format!("ziglang=={ZIG}"),
        ];
        eprintln!(
            "  Installing {} in {}",
            packages.join(", "),
            self.0.display()
        );
        let mut make = Command::new(python);
        run(make.args(["-m", "venv", "--clear"]).arg(&self.0))?;
        let mut install = Command::new(self.program("python"));
        run(install
            .args(["-m", "pip", "install", "--quiet"])
            .args(packages))
    }

    fn command(&self, root: &Path) -> Command {
        let mut command = cargo::program(&self.program("cargo-zigbuild"), root);
        command.env("CARGO_ZIGBUILD_PYTHON_PATH", self.program("python"));
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        self.0.join(BIN).join(name)
    }
}

fn python(runs: impl Fn(&str) -> bool) -> anyhow::Result<&'static str> {
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| runs(python));
    python.with_context(|| format!("cargo-zigbuild and zig are not installed; {INSTALL}"))
}

const INSTALL: &str = "install Python 3 with venv (Debian: `python3-venv`) to have them installed in \
    target/, or `cargo install --locked cargo-zigbuild` and https://ziglang.org/download";

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed; {INSTALL}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_python_it_says_what_to_install() {
        let error = python(|_| false).unwrap_err().to_string();
        for needed in [
            "not installed",
            "Python 3",
            "cargo install --locked cargo-zigbuild",
            "zig",
        ] {
            assert!(error.contains(needed), "{error}");
        }
        assert_eq!(python(|name| name == "python").unwrap(), "python");
    }

    #[test]
    fn what_fails_is_named_with_what_to_do() {
        let mut rustc = Command::new("rustc");
        let error = run(rustc.arg("--no-such-option").stderr(Stdio::null())).unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with(r#""rustc" "--no-such-option" failed; "#),
            "{error}"
        );
        let missing = run(&mut Command::new("/nowhere/python")).unwrap_err();
        assert_eq!(missing.to_string(), r#"cannot run "/nowhere/python""#);
    }

    #[test]
    fn other_versions_are_installed_apart() {
        let folder = Environment::below(Path::new("target")).0;
        let name = folder.to_str().unwrap();
        assert!(
            name.contains(CARGO_ZIGBUILD) && name.contains(ZIG),
            "{name}"
        );
    }
}
