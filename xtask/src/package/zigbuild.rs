//! cargo-zigbuild: cargo with zig for C and for linking. It links statically, and for a glibc older than this
//! machine's.

use crate::cargo;
use crate::python::{Environment, runs};
use anyhow::Context;
use std::path::Path;
use std::process::Command;

/// The Python packages, which are whole programs. pip takes them only with the hashes in there.
const PACKAGES: &str = include_str!("requirements.txt");

const INSTALL: &str = "cargo-zigbuild and zig are not installed; install Python 3 to have them in target/, \
    or `cargo install --locked cargo-zigbuild` and https://ziglang.org/download";

/// `cargo zigbuild` in the workspace's folder. Where it is not installed, it is put in `target`.
pub(crate) fn command(root: &Path) -> anyhow::Result<Command> {
    let mut command = if is_installed() {
        cargo::program("cargo-zigbuild".as_ref(), root)
    } else {
        let python = Environment::with(root.join("target/zigbuild"), PACKAGES).context(INSTALL)?;
        let mut command = cargo::program(&python.program("cargo-zigbuild"), root);
        command.env("CARGO_ZIGBUILD_PYTHON_PATH", python.program("python"));
        command
    };
    command.arg("zigbuild");
    Ok(command)
}

fn is_installed() -> bool {
    let has_zig = || runs("zig", &["version"]) || runs("python3", &["-m", "ziglang", "version"]);
    runs("cargo-zigbuild", &["--version"]) && has_zig()
}
