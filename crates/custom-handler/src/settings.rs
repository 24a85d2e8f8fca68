//! Settings from the environment, read once. Every problem is named; none ends the process.

mod otlp;
mod reader;

pub use otlp::{DEFAULT_METRIC_INTERVAL, DEFAULT_SERVICE_NAME, OtlpSettings};
pub use reader::Reader;

use crate::serve::HostProcess;
use std::time::Duration;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// The port without `FUNCTIONS_CUSTOMHANDLER_PORT`.
pub const DEFAULT_PORT: u16 = 7071;
/// The deadline of a request without `REQUEST_TIMEOUT_SECONDS`.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 30;
/// The host gives up on a request after 240 seconds.
const MAX_TIMEOUT_SECONDS: u64 = 220;

/// Settings of the process, whatever it serves.
#[derive(Debug)]
pub struct ProcessSettings {
    /// `FUNCTIONS_CUSTOMHANDLER_PORT`.
    pub port: u16,
    /// The process of the Functions host, if that started this one: `FUNCTIONS_CUSTOMHANDLER_WORKER_ID`.
    pub host: Option<HostProcess>,
    /// `REQUEST_TIMEOUT_SECONDS`.
    pub request_timeout: Duration,
    /// `RUST_LOG`.
    pub log_filter: Targets,
    /// Where traces and metrics go; nowhere if it is not set.
    pub otlp: Option<OtlpSettings>,
}

impl ProcessSettings {
    /// Reads the settings. What cannot be used is named in `reader` and replaced by its default.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            port: reader.number("FUNCTIONS_CUSTOMHANDLER_PORT", DEFAULT_PORT, 0..=u16::MAX),
            host: reader
                .value("FUNCTIONS_CUSTOMHANDLER_WORKER_ID")
                .map(|_| HostProcess::parent()),
            request_timeout: Duration::from_secs(reader.number(
                "REQUEST_TIMEOUT_SECONDS",
                DEFAULT_TIMEOUT_SECONDS,
                1..=MAX_TIMEOUT_SECONDS,
            )),
            log_filter: log_filter(reader),
            otlp: OtlpSettings::read(reader),
        }
    }
}

/// Targets with levels. Spans and fields, in brackets, would take regular expressions: half as much code as the
/// handler's own.
fn log_filter(reader: &mut Reader<'_>) -> Targets {
    let directives = reader.list("RUST_LOG").join(",");
    let filter = match directives.parse() {
        _ if directives.is_empty() => None,
        Ok(filter) if !directives.contains('[') => Some(filter),
        _ => reader.must_be(
            "RUST_LOG",
            "a log filter such as `info`; `info` is used instead",
        ),
    };
    filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
}
