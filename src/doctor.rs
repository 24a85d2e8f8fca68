//! `handler doctor`: checks what surrounds the app, one thing at a time. It reads and changes nothing.

mod storage;
mod network;
mod writes;
mod host_json;
mod report;

pub use report::{Check, Report, Status};

use crate::settings::{self, Settings};
use cosmos_store::settings::StorageSettings;
use custom_handler::telemetry::Causes;
use rest::auth_settings::AuthMode;
use rest::caller::ask_issuer;
use std::io::{self, Write};

/// Checks everything and prints the outcome: a table, or JSON. Returns whether nothing failed. Errors
/// when it cannot run or print.
pub fn run(settings: &Settings, json: bool) -> io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(examine(settings));
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
pub async fn examine(settings: &Settings) -> Report {
    let mut checks = vec![
        check_settings(settings),
        host_json::check(&settings::executable().unwrap_or_default()),
    ];
    match &settings.storage {
        StorageSettings::Configured(storage) => checks.extend(storage::check(storage).await),
        StorageSettings::NotConfigured | StorageSettings::Misconfigured => {
            checks.extend(storage::NAMES.map(|name| Check::skipped(name, SETTINGS)));
        }
    }
    checks.push(check_callers(settings.auth_mode.as_ref()).await);
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

fn check_settings(settings: &Settings) -> Check {
    match (&settings.storage, &settings.auth_mode) {
        (StorageSettings::Configured(storage), Some(mode)) if settings.problems.is_empty() => {
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
            settings.problems.join("\n"),
            "Change the app's settings; for a run by hand, the environment (only Core Tools reads local.settings.json). `handler --help` explains every setting.",
        ),
    }
}
