//! `cargo xtask check`: what must hold before a commit lands.

use crate::cargo;
use anyhow::{Context, bail, ensure};
use std::fmt;
use std::path::Path;
use std::process::Stdio;

const LINTS: [Step; 3] = [
    Step::new("format", &["fmt", "--all", "--check"]),
    Step::new(
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    Step {
        rustdoc_flags: Some("-D warnings"),
        ..Step::new("docs", &["doc", "--no-deps"])
    },
];

/// Advisories are left out: they need the network.
const DENY: Step = Step::new(
    "licences, bans and sources",
    &[
        "deny",
        "--workspace",
        "check",
        "licenses",
        "bans",
        "sources",
    ],
);

const TESTS: Step = Step::new("tests", &["test"]);

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Leave out the tests.
    #[arg(long)]
    no_tests: bool,
}

/// Runs every step, up to the first that fails.
pub fn run(root: &Path, options: Options) -> anyhow::Result<()> {
    for step in LINTS {
        step.run(root)?;
    }
    deny(root)?;
    if options.no_tests {
        say("tests: left out");
    } else {
        TESTS.run(root)?;
    }
    say("all is well");
    Ok(())
}

fn deny(root: &Path) -> anyhow::Result<()> {
    const MISSING: &str =
        "cargo-deny is not installed; `cargo install --locked cargo-deny` installs it";
    if cargo_deny_is_installed(root) {
        return DENY.run(root);
    }
    if std::env::var_os("CI").is_some() {
        bail!("{}: {MISSING}", DENY.name);
    }
    say(&format!("{}: left out, {MISSING}", DENY.name));
    Ok(())
}

fn cargo_deny_is_installed(root: &Path) -> bool {
    cargo::command(root)
        .args(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn say(line: &str) {
    eprintln!("\n== {line}");
}

/// One run of cargo.
#[derive(Debug, Clone, Copy)]
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    rustdoc_flags: Option<&'static str>,
}

impl Step {
    const fn new(name: &'static str, arguments: &'static [&'static str]) -> Self {
        Self {
            name,
            arguments,
            rustdoc_flags: None,
        }
    }

    fn run(&self, root: &Path) -> anyhow::Result<()> {
        say(&format!("{}: {self}", self.name));
        let status = cargo::command(root)
            .args(self.arguments)
            .envs(self.rustdoc_flags.map(|flags| ("RUSTDOCFLAGS", flags)))
            .status()
            .with_context(|| format!("cannot run {self}"))?;
        ensure!(status.success(), "{} failed: {self}", self.name);
        Ok(())
    }
}

/// As typed in a shell.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(flags) = self.rustdoc_flags {
            write!(f, "RUSTDOCFLAGS=\"{flags}\" ")?;
        }
        write!(f, "cargo {}", self.arguments.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shown_as_they_are_typed() {
        let shown = LINTS.map(|step| step.to_string());
        assert_eq!(shown[0], "cargo fmt --all --check");
        assert_eq!(shown[2], "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }
}
