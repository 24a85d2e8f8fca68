//! The Functions custom handler: reads the settings, listens, and serves until it is told to stop.

use clap::{CommandFactory, FromArgMatches, Parser};
use cosmos_functions::app::{self, AppState};
use cosmos_functions::http::openapi;
use cosmos_functions::settings::{self, Settings};
use cosmos_functions::telemetry::Causes;
use cosmos_functions::{serve, telemetry};
use std::process::ExitCode;

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
}

fn main() -> ExitCode {
    let command = Arguments::command().after_help(settings::help());
    let arguments = match Arguments::from_arg_matches(&command.get_matches()) {
        Ok(arguments) => arguments,
        Err(wrong) => wrong.exit(),
    };
    if let Some(Command::Openapi) = arguments.command {
        println!("{:#}", openapi::document());
        return ExitCode::SUCCESS;
    }
    let settings = Settings::from_env();
    let exporters = telemetry::start(settings.log_filter.clone(), settings.otlp.as_ref());
    let ended = start(settings);
    if let Some(exporters) = exporters {
        exporters.stop();
    }
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, as the host reads lines.
            tracing::error!(error = %Causes(error.as_ref()), "cannot run");
            ExitCode::FAILURE
        }
    }
}

fn start(settings: Settings) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(settings))
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    for problem in &settings.problems {
        tracing::warn!(problem, "setting");
    }
    let listener = serve::listen(settings.port).await?;
    let state = AppState::new(settings);
    // After listening: the host waits for the port, not for storage.
    state.warm_up();
    serve::serve(listener, app::router(state)).await
}
