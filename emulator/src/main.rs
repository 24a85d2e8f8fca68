//! `cosmos-emulator`: the emulator as a process of its own.

use anyhow::Context;
use clap::Parser;
use cosmos_emulator::{Emulator, Options};
use std::path::PathBuf;

/// Emulates an Azure Cosmos DB account on 127.0.0.1.
///
/// It does not check credentials: any key that a client accepts works, as does the well-known key
/// of Microsoft's own emulator. Data is in memory. The controls for tests are at /_emulator, and
/// a page to look at the data at /_emulator/.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on, 0 for any free one
    #[arg(long, default_value_t = 8081)]
    port: u16,
    /// The database to create
    #[arg(long, default_value = "app")]
    database: String,
    /// The container to create in it
    #[arg(long, default_value = "items")]
    container: String,
    /// A folder to keep the data in, as cosmos.json; without it the data ends with the process
    #[arg(long)]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments {
        port,
        database,
        container,
        keep,
    } = Arguments::parse();
    let interrupted = interrupted()?;
    let options = Options {
        port,
        database: database.clone(),
        container: container.clone(),
        keep,
        ..Options::default()
    };
    let emulator = Emulator::start_with(options).await.context(
        "the emulator cannot start (--port chooses another port, --keep another folder)",
    )?;
    let url = emulator.url();
    println!("Cosmos DB emulator listening on {url} (database {database}, container {container})");
    interrupted.await;
    emulator.keep().await
}

/// Ends on SIGINT or SIGTERM, which are caught from now on.
#[cfg(unix)]
fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends on Ctrl+C, which is caught from now on.
#[cfg(windows)]
fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
