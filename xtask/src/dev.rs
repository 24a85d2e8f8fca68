//! `cargo dev`: the handler on an emulated Cosmos DB, until Ctrl-C.

use crate::local::{LocalApp, Programs, claim};
use crate::process::{listen_for_stop, told_to_stop};
use crate::sample::{self, Sample};
use std::thread;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// The app's port; 0 = any free one.
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// The emulated Cosmos DB's port; 0 = any free one.
    #[arg(long, default_value_t = 8081)]
    cosmos_port: u16,
    /// Start without sample data.
    #[arg(long)]
    empty: bool,
    /// Build with optimisations.
    #[arg(long)]
    release: bool,
}

/// Builds, starts, seeds and says how to begin. Returns after Ctrl-C; fails when a process ends by itself.
pub fn run(options: &Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    ports_are_free(options)?;
    let programs = Programs::build(options.release)?;
    let app = LocalApp::start(&programs, options.port, options.cosmos_port, None)?;
    let sample = (!options.empty)
        .then(|| sample::seed(&app.base))
        .transpose()?;
    println!("{}", welcome(&app.base, sample.as_ref()));

    watch(app)
}

/// Returns when told to stop. A process that ends by itself is an error.
fn watch(mut app: LocalApp) -> anyhow::Result<()> {
    loop {
        let all_run = app.still_runs();
        // Asked after: Ctrl-C in a terminal reaches the children too.
        if told_to_stop() {
            return Ok(());
        }
        all_run?;
        thread::sleep(Duration::from_millis(100));
    }
}

fn ports_are_free(options: &Options) -> anyhow::Result<()> {
    // Both are held until both are seen, so that one port for both is found out.
    let _app = claim(options.port, "--port")?;
    let _cosmos = claim(options.cosmos_port, "--cosmos-port")?;
    Ok(())
}

fn welcome(base: &str, sample: Option<&Sample>) -> String {
    let [first, second, third] = sample::requests(base, sample);
    format!(
        "\n{base} is ready. Open {base}/api/docs, or try:\n\n  {first}\n  {second}\n  {third}\n\nCtrl-C stops.\n"
    )
}
