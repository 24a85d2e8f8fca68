//! The Functions custom handler: reads the settings, listens, and serves until it is told to stop.

use clap::{CommandFactory, FromArgMatches, Parser};
use cosmos_functions::app;
use cosmos_functions::contract::CONTRACT;
use cosmos_functions::doctor;
use cosmos_functions::settings::{self, Settings};
use cosmos_functions::state::AppState;
use custom_handler::serve::{self, Reason};
use custom_handler::telemetry;
use custom_handler::telemetry::Causes;
use mimalloc::MiMalloc;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Those whose spans are traces.
const CRATES: [&str; 3] = ["cosmos_functions", "cosmos_store", "rest"];

/// The custom handler of cosmos-functions: a multi-tenant JSON API on Azure Functions.
///
/// The Functions host starts it and passes requests on. It is configured by environment variables
/// alone, and runs without any: `GET /api/health/ready` says what is missing.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print the OpenAPI document.
    Openapi,
    /// Check settings, host.json, network, identity and container; change nothing. Exit status 1 when a check fails.
    Doctor {
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let command = Arguments::command().after_help(settings::help());
    let arguments = match Arguments::from_arg_matches(&command.get_matches()) {
        Ok(arguments) => arguments,
        Err(wrong) => wrong.exit(),
    };
    let settings = Settings::from_env();
    match arguments.command {
        None => serve(settings),
        Some(Command::Doctor { json }) => examine(&settings, json),
        Some(Command::Openapi) => {
            println!("{:#}", CONTRACT.document());
            ExitCode::SUCCESS
        }
    }
}

fn examine(settings: &Settings, json: bool) -> ExitCode {
    match doctor::run(settings, json) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: Settings) -> ExitCode {
    let exporters = telemetry::start(
        settings.process.log_filter.clone(),
        settings.process.otlp.as_ref(),
        &CRATES,
    );
    let has_host = settings.process.has_host;
    let ended = start(settings);
    telemetry::traffic::write_summary();
    if let Some(exporters) = exporters {
        exporters.stop();
    }
    match ended {
        Ok(reason) => reason.exit_code(has_host),
        Err(error) => {
            // One line, as the host reads lines.
            tracing::error!(error = %Causes(error.as_ref()), "cannot run");
            ExitCode::FAILURE
        }
    }
}

fn start(settings: Settings) -> anyhow::Result<Reason> {
    runtime().enable_all().build()?.block_on(run(settings))
}

/// On one core, which is what most instances have, threads would only wait for one another.
fn runtime() -> Builder {
    match available_parallelism() {
        Ok(NonZero::<usize>::MIN) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    }
}

async fn run(mut settings: Settings) -> anyhow::Result<Reason> {
    for problem in &settings.problems {
        tracing::warn!(problem, "setting");
    }
    let listener = serve::listen(settings.process.port).await?;
    settings.process.port = listener.local_addr()?.port();
    let process = &settings.process;
    let (request_timeout, has_host) = (process.request_timeout, process.has_host);
    let state = AppState::new(settings, &CONTRACT);
    // After listening: the host waits for the port, not for storage.
    state.warm_up();
    serve::serve(listener, app::router(state), request_timeout, has_host).await
}
