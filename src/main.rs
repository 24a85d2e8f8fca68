//! The Functions custom handler: reads the settings, listens, and serves until it is told to stop.

use cosmos_functions::app;
use cosmos_functions::contract::CONTRACT;
use cosmos_functions::settings::{Settings, table};
use cosmos_functions::state::AppState;
use custom_handler::serve::{self, Reason};
use custom_handler::telemetry;
use custom_handler::telemetry::Causes;
use mimalloc::MiMalloc;
use std::env;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Those whose spans are traces.
const CRATES: [&str; 3] = ["cosmos_functions", "cosmos_store", "rest"];

const HELP: &str = "\
The custom handler of cosmos-functions: a multi-tenant JSON API on Azure Functions.

The Functions host starts it and passes requests on. It is configured by environment variables
alone, and runs without any: GET /api/health/ready says what is missing.

Usage: handler [COMMAND]

Commands:
  openapi          Print the OpenAPI document
  doctor [--json]  Check settings, host.json, network, identity and container; change nothing.
                   Exit status 1 when a check fails. Not in the package for Azure

Options:
  -h, --help       Print this
  -V, --version    Print the version
";

/// The exit status for a command line that is wrong.
const WRONG: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
    let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
    match arguments.as_slice() {
        [] => return serve(Settings::from_env()),
        #[cfg(feature = "doctor")]
        ["doctor"] => return examine(&Settings::from_env(), false),
        #[cfg(feature = "doctor")]
        ["doctor", "--json"] => return examine(&Settings::from_env(), true),
        ["openapi"] => println!("{:#}", CONTRACT.document()),
        ["-h" | "--help"] => println!("{HELP}\n{}", table::help()),
        ["-V" | "--version"] => println!("cosmos-functions {}", env!("CARGO_PKG_VERSION")),
        wrong => {
            eprintln!(
                "there is no `handler {}`; see `handler --help`",
                wrong.join(" ")
            );
            return WRONG.into();
        }
    }
    ExitCode::SUCCESS
}

#[cfg(feature = "doctor")]
fn examine(settings: &Settings, json: bool) -> ExitCode {
    let executable = env::current_exe().unwrap_or_default();
    let subject = doctor::Subject {
        storage: &settings.storage,
        auth_mode: settings.auth_mode.as_ref(),
        problems: &settings.problems,
        executable: &executable,
    };
    match doctor::run(&subject, json) {
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
    let has_host = settings.process.host.is_some();
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

/// A thread for two cores: the Functions host, which is on the same ones, spends several times what the handler does.
/// Threads that wake one another cost more than they bring.
fn runtime() -> Builder {
    let cores = available_parallelism().map_or(1, NonZero::get);
    match cores / 2 {
        0 | 1 => Builder::new_current_thread(),
        threads => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
    }
}

async fn run(mut settings: Settings) -> anyhow::Result<Reason> {
    for problem in &settings.problems {
        tracing::warn!(problem, "setting");
    }
    let listener = serve::listen(settings.process.port).await?;
    settings.process.port = listener.local_addr()?.port();
    let process = &settings.process;
    let (request_timeout, host) = (process.request_timeout, process.host);
    let state = AppState::new(settings, &CONTRACT);
    // After listening: the host waits for the port, not for storage.
    state.warm_up();
    serve::serve(listener, app::router(state), request_timeout, host).await
}
