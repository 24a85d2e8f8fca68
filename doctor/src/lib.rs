//! `handler doctor`: checks what surrounds an app, one thing at a time. It reads and changes nothing.

mod storage;
mod network;
mod writes;
mod host_json;
mod report;
mod differences;

pub use report::{Check, Report, Status};

use cosmos_store::settings::StorageSettings;
use custom_handler::telemetry::Causes;
use rest::auth_settings::AuthMode;
use rest::caller::ask_issuer;
use std::io::{self, Write};
use std::path::Path;

/// An app, by what it was started with.
#[derive(Debug)]
pub struct Subject<'a> {
    pub storage: &'a StorageSettings,
    pub auth_mode: Option<&'a AuthMode>,
    /// What is missing or wrong in its settings, as sentences that begin with their names.
    pub problems: &'a [String],
    /// Where its binary is.
    pub executable: &'a Path,
}

/// Checks everything and prints the outcome: a table, or JSON. Returns whether nothing failed. Errors
/// when it cannot run or print.
pub fn run(subject: &Subject<'_>, json: bool) -> io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(examine(subject));
    // A name that is still being resolved would keep the process for as long as that takes.
    runtime.shutdown_background();
    let mut stdout = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut stdout, &report)?;
        writeln!(stdout)?;
    } else {
        write!(stdout, "{report}")?;
    }
    Ok(report.ok)
}

/// Every step that waits for somebody else is given up after some seconds, so this ends.
pub async fn examine(subject: &Subject<'_>) -> Report {
    let mut checks = vec![
        check_settings(subject),
        host_json::check(subject.executable),
    ];
    match subject.storage {
        StorageSettings::Configured(storage) => checks.extend(storage::check(storage).await),
        StorageSettings::NotConfigured | StorageSettings::Misconfigured => {
            checks.extend(storage::NAMES.map(|name| Check::skipped(name, SETTINGS)));
        }
    }
    checks.push(check_callers(subject.auth_mode).await);
    Report::of(checks)
}

const SETTINGS: &str = "settings";
const CALLERS: &str = "callers";

/// Whether tokens can be checked.
async fn check_callers(mode: Option<&AuthMode>) -> Check {
    match mode {
        None => Check::skipped(CALLERS, SETTINGS),
        Some(AuthMode::Dev) => Check::ok(CALLERS, "taken at their word"),
        Some(AuthMode::EasyAuth(_)) => Check::ok(CALLERS, "App Service Authentication checks them"),
        Some(AuthMode::Jwt(jwt)) => match ask_issuer(jwt).await {
            Ok(keys) => Check::ok(
                CALLERS,
                format!("{} publishes {keys} signing keys", jwt.issuer),
            ),
            Err(error) => Check::failed(
                CALLERS,
                Causes(error.as_ref()).to_string(),
                "AUTH_ISSUER must be what the discovery document and tokens say. AUTH_METADATA_URL names the document where it is not below the issuer.",
            ),
        },
    }
}

fn check_settings(subject: &Subject<'_>) -> Check {
    match (subject.storage, subject.auth_mode) {
        (StorageSettings::Configured(storage), Some(mode)) if subject.problems.is_empty() => {
            let callers = match mode {
                AuthMode::Dev => "dev",
                AuthMode::EasyAuth(_) => "easy-auth",
                AuthMode::Jwt(_) => "jwt",
            };
            let (database, container) = (&storage.database, &storage.container);
            let host = network::host(&storage.endpoint);
            Check::ok(
                SETTINGS,
                format!(
                    "container {container} in database {database} at {host}; callers are known by `{callers}`"
                ),
            )
        }
        _ => Check::failed(
            SETTINGS,
            subject.problems.join("\n"),
            "Change the app's settings; for a run by hand, the environment (only Core Tools reads local.settings.json). `handler --help` explains every setting.",
        ),
    }
}
