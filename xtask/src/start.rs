//! `cargo xtask start`: the staged app under Azure Functions Core Tools.

use crate::process::hand_over;
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
    hand_over(func.arg("start").args(arguments).current_dir(app))
}

fn func_is_installed() -> bool {
    let version = Command::new("func")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !matches!(version, Err(error) if error.kind() == io::ErrorKind::NotFound)
}
