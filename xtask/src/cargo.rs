//! Running cargo.

use crate::process::{self, Process};
use crate::stage::HANDLER;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::thread;

/// Builds binaries, with cargo's progress on stderr. Returns their paths.
pub fn build<const N: usize>(
    root: &Path,
    binaries: [&str; N],
    release: bool,
) -> anyhow::Result<[PathBuf; N]> {
    let mut cargo = command(root);
    cargo.arg("build");
    if release {
        cargo.arg("--release");
    }
    build_with(cargo, binaries)
}

/// Builds binaries with the dependencies that tests are built with, so that nothing is built twice: with the features
/// of this workspace's programs together. Returns their paths.
pub(crate) fn build_for_tests<const N: usize>(
    root: &Path,
    binaries: [&str; N],
) -> anyhow::Result<[PathBuf; N]> {
    let mut cargo = command(root);
    cargo.arg("build");
    for package in [
        "cosmos-functions",
        "cosmos-emulator",
        "functions-host",
        "xtask",
    ] {
        cargo.args(["--package", package]);
    }
    run(cargo, binaries)
}

/// Builds binaries by `cargo build`, or by what takes the same arguments. Returns their paths.
pub(crate) fn build_with<const N: usize>(
    mut cargo: Command,
    binaries: [&str; N],
) -> anyhow::Result<[PathBuf; N]> {
    for binary in binaries {
        cargo.args(["--package", package(binary)]);
    }
    run(cargo, binaries)
}

fn run<const N: usize>(mut cargo: Command, binaries: [&str; N]) -> anyhow::Result<[PathBuf; N]> {
    for binary in binaries {
        cargo.args(["--bin", binary]);
    }
    let binary = binaries.join(" and ");
    cargo.arg("--message-format=json-render-diagnostics");
    let mut cargo = Process::start("cargo", cargo.stdout(Stdio::piped()))?;
    let messages = cargo.stdout().map(read_in_background);
    let status = process::wait_for(&format!("the build of {binary}"), None, || cargo.exited())?;
    ensure!(status.success(), "{binary} could not be built");
    let messages = messages.and_then(|reader| reader.join().ok());
    let messages = messages.unwrap_or_default();
    let paths = binaries
        .iter()
        .filter_map(|name| executable(&messages, name));
    let paths: Vec<_> = paths.collect();
    let paths = paths.try_into().ok();
    paths.with_context(|| format!("cargo did not say where it put {binary}"))
}

/// Named as its binary, but for the handler's, which has the name of the project.
fn package(binary: &str) -> &str {
    match binary {
        HANDLER => "cosmos-functions",
        tool => tool,
    }
}

/// Cargo in the workspace's folder.
pub fn command(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    program(cargo.as_ref(), root)
}

/// Another program that runs cargo, in the workspace's folder.
pub(crate) fn program(program: &Path, root: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root);
    for name in variables_of_this_package() {
        command.env_remove(name);
    }
    command
}

/// What `cargo run` set for xtask. Build scripts watch some of it (ring's does), so that passed on it
/// would make cargo build them again after every plain `cargo build`.
fn variables_of_this_package() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    })
}

fn read_in_background(mut stdout: ChildStdout) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        // Messages cut short by an error lack the executable, and that is reported.
        let _cut_short = stdout.read_to_string(&mut text);
        text
    })
}

/// Finds the executable in cargo's messages, JSON in lines.
fn executable(messages: &str, binary: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == binary)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_where_cargo_says() {
        let messages = [
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"handler"},"executable":"/t/debug/handler"}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ]
        .join("\n");
        let found = executable(&messages, "handler");
        assert_eq!(found.as_deref(), Some(Path::new("/t/debug/handler")));
        assert_eq!(executable(&messages, "other"), None);
    }
}
