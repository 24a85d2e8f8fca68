//! `cargo xtask start`: the staged app under Azure Functions Core Tools.

use crate::stage;
use anyhow::bail;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Stages the app and runs `func start` in it, with `arguments` added. Returns when func ends, if at all.
pub fn run(root: &Path, arguments: &[OsString]) -> anyhow::Result<()> {
    // Before the build, which takes minutes.
    if !func_is_installed() {
        bail!(
            "`func` (Azure Functions Core Tools) is not on PATH. \
             To run without the Functions host, use `cargo dev`"
        );
    }
    let app = stage::run(root)?;
    let mut func = Command::new("func");
    func.arg("start").args(arguments).current_dir(app);
    hand_over(&mut func)
}

fn func_is_installed() -> bool {
    let version = Command::new("func")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !matches!(version, Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// Func takes xtask's place, and with it the terminal and its signals.
#[cfg(unix)]
fn hand_over(func: &mut Command) -> anyhow::Result<()> {
    use anyhow::Context;
    use std::os::unix::process::CommandExt;
    Err(func.exec()).context("cannot run func")
}

#[cfg(not(unix))]
fn hand_over(func: &mut Command) -> anyhow::Result<()> {
    let status = func.status()?;
    anyhow::ensure!(status.success(), "func ended ({status})");
    Ok(())
}
