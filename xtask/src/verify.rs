//! `cargo xtask verify URL`: asks a deployed app, from outside, whether it and the platform in front of it keep what
//! is promised.

mod answer;
mod reads;
mod report;
mod writes;

pub use report::{Finding, Report, Verdict};

use answer::Caller;
use anyhow::{Context, bail, ensure};
use std::time::Duration;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Where the app is, as in `https://my-app.azurewebsites.net`.
    pub url: String,
    /// A header that signs a caller in, as in 'x-dev-user: ada'. The environment's `VERIFY_AUTHORIZATION` is the value
    /// of Authorization, and in no list of processes. Without a caller, what needs one is left out.
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Option<String>,
    /// Also create a workspace, change it and delete it.
    #[arg(long)]
    pub write: bool,
    /// Seconds after which the app ends a request, `REQUEST_TIMEOUT_SECONDS`; 0 leaves that out, which takes as long.
    #[arg(long, default_value_t = 30)]
    pub deadline: u64,
}

/// Prints a table. Fails when a promise is broken.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let report = verify(options)?;
    println!("{report}");
    let broken = report.broken().count();
    ensure!(broken == 0, "{broken} promises are broken");
    Ok(())
}

/// Asks everything. Errors when nothing answers at that URL, or what signs in is not as it should be.
pub fn verify(options: &Options) -> anyhow::Result<Report> {
    let signs_in = signs_in(options)?;
    let caller = Caller::new(&options.url, signs_in)?;
    let mut report = Report::about(caller.base());
    reads::first_answers(&caller, &mut report)?;
    reads::public(&caller, &mut report);
    reads::strangers(&caller, &mut report);
    reads::bodies(&caller, &mut report);
    if caller.is_signed_in() {
        reads::queries(&caller, &mut report);
    } else {
        report.leave_out("Repeated query keys arrive apart", NO_CALLER);
    }
    match (options.write, caller.is_signed_in()) {
        (true, true) => writes::a_life(&caller, &mut report),
        (true, false) => bail!("--write needs a caller: --header, or VERIFY_AUTHORIZATION"),
        (false, _) => report.leave_out("Writes: ETag, replay, merge patch", "without --write"),
    }
    if options.deadline > 0 {
        reads::deadline(&caller, Duration::from_secs(options.deadline), &mut report);
    }
    Ok(report)
}

const NO_CALLER: &str = "without a caller";

fn signs_in(options: &Options) -> anyhow::Result<Option<(String, String)>> {
    let authorization = std::env::var("VERIFY_AUTHORIZATION").ok();
    let authorization = authorization.map(|value| ("authorization".to_owned(), value));
    let Some(header) = &options.header else {
        return Ok(authorization);
    };
    let (name, value) = header
        .split_once(':')
        .context("--header is a name, a colon and a value")?;
    Ok(Some((name.trim().to_owned(), value.trim().to_owned())))
}
