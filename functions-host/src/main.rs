//! `functions-host`: the host as a process of its own, in front of one app.

use anyhow::Context;
use clap::Parser;
use functions_host::{Host, Options};
use std::path::PathBuf;

/// Runs a staged app as the Azure Functions host does: `host.json`, a folder for each function, and the handler.
///
/// The app's settings are this process's environment. POST /admin/functions/NAME runs a function that HTTP does not
/// trigger, POST /admin/host/restart reloads the app and replaces the handler.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder of the app
    app: PathBuf,
    /// The port for callers, 0 for any free one
    #[arg(long, default_value_t = 7071)]
    port: u16,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { app, port } = Arguments::parse();
    let stopped = stopped()?;
    let settings: Vec<_> = std::env::vars().collect();
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let options = Options {
        port,
        on_terminal: true,
        ..Options::default()
    };
    let app = std::path::absolute(app)?;
    let host = Host::begin(&app, &settings, options).await;
    let host = host.with_context(|| format!("cannot run {} on port {port}", app.display()))?;
    println!("Functions host listening on {}", host.url());
    stopped.await;
    // Nobody waits for a developer's requests.
    drop(host);
    Ok(())
}

/// Ends on SIGINT or SIGTERM, which are caught from now on.
#[cfg(unix)]
fn stopped() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends on Ctrl+C, which is caught from now on.
#[cfg(windows)]
fn stopped() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
