//! `cargo xtask`: run it locally, stage it for the Functions host, pack it for Azure, check it.

pub mod adopt;
pub mod cargo;
pub mod check;
pub mod contract;
pub mod dev;
pub mod local;
pub mod package;
pub mod process;
pub mod python;
pub mod stage;
pub mod start;
pub mod verify;

mod sample;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Development commands of cosmos-functions.
#[derive(Debug, clap::Parser)]
#[command(bin_name = "cargo xtask")]
pub enum Command {
    /// Run the handler on an emulated Cosmos DB, with sample data, until Ctrl-C.
    Dev(dev::Options),
    /// Build the folder that the Functions host runs and Azure gets: dist/app.
    Stage,
    /// Stage, then run the Functions host (`func start`) on it.
    Start {
        /// Arguments for `func start`, for example --port 7072.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        func: Vec<OsString>,
    },
    /// Build the app for Azure as one zip, dist/app.zip.
    Package(package::Options),
    /// Format, lints, docs, licences and sources, tests: what a change must pass.
    Check(check::Options),
    /// Try the running app against its OpenAPI document, with schemathesis (needs Python).
    Contract(contract::Options),
    /// Make this repository a service of your own: rename everything, take parts out.
    Adopt(adopt::Options),
    /// Ask a deployed app whether it keeps what is promised.
    Verify(verify::Options),
    /// Measure the handler beside services in other languages and the least one can be (peers need Python and Node).
    #[command(disable_help_flag = true)]
    Bench {
        /// Arguments for the harness, for example --help.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        harness: Vec<OsString>,
    },
}

/// The benchmark is a workspace of its own.
const BENCH: &str = "run --quiet --manifest-path bench/Cargo.toml --package harness --";

impl Command {
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Dev(options) => dev::run(&options),
            Self::Stage => stage::run(root()).map(drop),
            Self::Start { func } => start::run(root(), &func),
            Self::Package(options) => package::run(root(), options).map(drop),
            Self::Check(options) => check::run(root(), options),
            Self::Contract(options) => contract::run(root(), options),
            Self::Adopt(options) => adopt::run(root(), &options),
            Self::Verify(options) => verify::run(&options),
            Self::Bench { harness } => {
                process::hand_over(cargo::command(root()).args(BENCH.split(' ')).args(harness))
            }
        }
    }
}

/// The workspace's folder.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Where the app is staged below `root`.
pub fn staged(root: &Path) -> PathBuf {
    root.join("dist/app")
}

/// Where the app is packed below `root`.
pub fn packaged(root: &Path) -> PathBuf {
    root.join("dist/app.zip")
}
