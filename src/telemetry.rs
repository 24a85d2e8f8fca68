//! Logs, as the Functions host reads them.
//!
//! The host takes a line on stdout as Information. A line on stderr is an Error, or a Warning when it
//! contains "warn" in any case (Azure Functions host, `RawLogEntry` handling of custom handlers). So
//! the level of an event decides where its one line goes.

use std::error::Error;
use std::fmt;
use std::io::IsTerminal;
use tracing::Level;
use tracing_subscriber::fmt::writer::MakeWriterExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts logging for the process: JSON lines, or readable ones on a terminal.
pub fn start(filter: EnvFilter) {
    let writer = std::io::stderr
        .with_max_level(Level::WARN)
        .or_else(std::io::stdout);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = if std::io::stdout().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic: {}", message_of(panic));
    }));
}

fn message_of<'a>(panic: &'a std::panic::PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or("(no message)")
}

/// An error with all its causes, on one line.
#[derive(Debug)]
pub struct Causes<'a>(pub &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
