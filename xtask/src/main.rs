use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match xtask::Command::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A developer needs what to do, not where in xtask it came up.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
