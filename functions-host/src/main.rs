//! `functions-host`: the host as a process of its own, in front of one app.

use anyhow::Context;
use clap::Parser;
use functions_host::{Host, Options};
use std::path::PathBuf;

/// Runs a staged app as the Azure Functions host does: `host.json`, a folder for each function, and the handler.
///
/// The app's settings are this process's environment. POST /admin/functions/NAME runs a function that HTTP does not
/// trigger, POST /admin/host/restart reloads the app and replaces the handler. SIGINT (Ctrl+C) lets requests finish, SIGTERM
/// and a second SIGINT cut them.
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
    let (interrupted, cut) = signals()?;
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
    let stop = async {
        interrupted.await;
        host.stop().await;
    };
    // What is dropped kills the handler.
    tokio::select! {
        () = stop => {}
        () = cut => {}
    }
    Ok(())
}

/// What ends when the host is to stop in order, and what ends when it is to stop at once. The signals are caught from now on.
#[cfg(unix)]
fn signals() -> anyhow::Result<(impl Future<Output = ()>, impl Future<Output = ()>)> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut first = signal(SignalKind::interrupt())?;
    let mut second = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let interrupted = async move {
        first.recv().await;
    };
    let cut = async move {
        let twice = async {
            second.recv().await;
            second.recv().await;
        };
        tokio::select! {
            () = twice => {}
            _ = terminate.recv() => {}
        }
    };
    Ok((interrupted, cut))
}

/// The same for Ctrl+C alone.
#[cfg(windows)]
fn signals() -> anyhow::Result<(impl Future<Output = ()>, impl Future<Output = ()>)> {
    let mut first = tokio::signal::windows::ctrl_c()?;
    let mut second = tokio::signal::windows::ctrl_c()?;
    let interrupted = async move {
        first.recv().await;
    };
    let cut = async move {
        second.recv().await;
        second.recv().await;
    };
    Ok((interrupted, cut))
}
