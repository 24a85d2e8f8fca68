//! Clients that generators make of the document, used against the running app.

use crate::process;
use crate::python::Environment;
use anyhow::Context;
use std::fs;
use std::path::Path;
use std::process::Command;

pub(super) fn check_python(
    python: &Environment,
    contract: &Path,
    document: &Path,
    base: &str,
) -> anyhow::Result<()> {
    let folder = python.folder().join("client");
    let mut generator = Command::new(python.program("openapi-python-client"));
    generator.args([
        "generate",
        "--meta",
        "none",
        "--overwrite",
        "--fail-on-warning",
    ]);
    generator.arg("--path").arg(document);
    generator
        .arg("--output-path")
        .arg(folder.join("app_client"));
    // It formats what it writes with the ruff beside it.
    generator.env("PATH", with_path(&python.program("ruff"))?);
    fs::create_dir_all(&folder).context("cannot make a folder for the client")?;
    process::run("openapi-python-client", &mut generator)?;
    let mut round = Command::new(python.program("python"));
    round.arg(contract.join("round.py")).arg(folder).arg(base);
    process::run("the generated Python client", &mut round)
}

pub(super) fn check_typescript(contract: &Path, document: &Path, base: &str) -> anyhow::Result<()> {
    let folder = contract.join("typescript");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args(arguments);
        npm
    };
    let installed = process::run("npm", &mut npm(&["ci", "--ignore-scripts", "--silent"]));
    installed.context("Node.js 20 or newer is needed, with npm")?;
    let mut generator = npm(&["exec", "--offline", "--", "openapi-typescript"]);
    generator.arg(document).args(["--output", "api.d.ts"]);
    process::run("openapi-typescript", &mut generator)?;
    process::run("tsc", &mut npm(&["exec", "--offline", "--", "tsc"]))?;
    let mut round = Command::new("node");
    round.current_dir(&folder).args(["built/round.js", base]);
    process::run("the generated TypeScript client", &mut round)
}

/// The search path, with the folder of this program first.
fn with_path(program: &Path) -> anyhow::Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = program.parent().map(Path::to_owned);
    let all = first.into_iter().chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(all)?)
}
