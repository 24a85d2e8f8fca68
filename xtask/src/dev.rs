//! `cargo dev`: the app under a stand-in Functions host, on an emulated Cosmos DB, until Ctrl-C.

mod app;
mod sources;

use crate::local::{Programs, claim};
use crate::process::{listen_for_stop, told_to_stop};
use crate::root;
use crate::sample::{self, Sample};
use app::DevApp;
use sources::Sources;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(100);

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
    /// Build and start the handler again when its sources change. The data stays.
    #[arg(long)]
    watch: bool,
    /// Keep the data in cosmos.json in a folder, .cosmos unless another is named, from one start to the next.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option, and the folder after it")]
    keep: Option<Option<PathBuf>>,
}

/// Builds, starts, seeds and says how to begin. Returns after Ctrl-C; fails when a process ends by itself.
pub fn run(options: &Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    ports_are_free(options)?;
    let sources = Sources::now();
    let programs = Programs::build(options.release)?;
    let folder = options.keep.as_ref().map(|folder| match folder {
        Some(folder) => folder.clone(),
        None => root().join(".cosmos"),
    });
    // Asked before there is any.
    let has_data = folder
        .as_ref()
        .is_some_and(|folder| folder.join("cosmos.json").exists());
    let app = DevApp::start(
        &programs,
        options.port,
        options.cosmos_port,
        folder.as_deref(),
    )?;
    let sample = (!options.empty && !has_data)
        .then(|| sample::seed(app.base()))
        .transpose()?;
    println!("{}", welcome(&app, sample.as_ref()));

    if options.watch {
        follow(app, sources, options.release)
    } else {
        wait(app)
    }
}

/// Returns when told to stop. A process that ends by itself is an error.
fn wait(mut app: DevApp) -> anyhow::Result<()> {
    while runs(&mut app)? {
        thread::sleep(POLL);
    }
    Ok(())
}

/// The same, and replaces the handler whenever its sources build anew.
fn follow(mut app: DevApp, mut built: Sources, release: bool) -> anyhow::Result<()> {
    while runs(&mut app)? {
        thread::sleep(POLL);
        let changed = Sources::now();
        if changed == built {
            continue;
        }
        thread::sleep(POLL);
        // Many files may be saved at once.
        if changed != Sources::now() {
            continue;
        }
        built = changed;
        let (renewed, otherwise) = match Programs::build_handler(release) {
            Ok(handler) => (
                renew(&app, &handler),
                "there is no handler until it is mended",
            ),
            Err(error) => (Err(error), "the handler is as it was"),
        };
        if let Err(error) = renewed
            && !told_to_stop()
        {
            eprintln!("error: {error:#}; {otherwise}");
        }
    }
    Ok(())
}

fn renew(app: &DevApp, handler: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    app.renew(handler)?;
    let took = start.elapsed().as_millis();
    println!(
        "{} is ready again, {took} ms after it was built",
        app.base()
    );
    Ok(())
}

/// False when told to stop.
fn runs(app: &mut DevApp) -> anyhow::Result<bool> {
    let all_run = app.still_runs();
    // Asked after: Ctrl-C in a terminal reaches the children too.
    if told_to_stop() {
        return Ok(false);
    }
    all_run.map(|()| true)
}

fn ports_are_free(options: &Options) -> anyhow::Result<()> {
    // Both are held until both are seen, so that one port for both is found out.
    let _app = claim(options.port, "--port")?;
    let _cosmos = claim(options.cosmos_port, "--cosmos-port")?;
    Ok(())
}

fn welcome(app: &DevApp, sample: Option<&Sample>) -> String {
    let base = app.base();
    let [first, second, third] = sample::requests(base, sample);
    let data = app.data_page();
    format!(
        "\n{base} is ready. Open {base}/api/docs, or try:\n\n  {first}\n  {second}\n  {third}\n\n\
         The data is at {data}. A timer runs now by:\n\n  curl -X POST {base}/admin/functions/<name>\n\n\
         Ctrl-C stops.\n"
    )
}
