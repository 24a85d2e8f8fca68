//! Logs, as the Functions host reads them.
//!
//! The host takes a line on stdout as Information. A line on stderr is an Error, or a Warning when it
//! contains "warn" in any case. So the level of an event decides where its one line goes, and an error
//! never says that word: <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers>

use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts logging for the process: JSON lines, or readable ones on a terminal.
pub fn start(filter: EnvFilter) {
    let lines = tracing_subscriber::fmt::layer();
    let lines = if io::stdout().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_writer(HostStreams)
            .boxed()
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

/// Sends each line where the host reads its level.
struct HostStreams;

/// Where one line goes. The formatter writes a line with one call.
enum Stream {
    Information,
    Warning,
    Error,
}

impl<'a> MakeWriter<'a> for HostStreams {
    type Writer = Stream;

    fn make_writer(&'a self) -> Stream {
        Stream::Information
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Stream {
        match *event.level() {
            Level::ERROR => Stream::Error,
            Level::WARN => Stream::Warning,
            _ => Stream::Information,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::Information => io::stdout().lock().write_all(line)?,
            // The level itself is the word: `"level":"WARN"`.
            Self::Warning => io::stderr().lock().write_all(line)?,
            Self::Error => io::stderr().lock().write_all(&without_warn(line))?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same JSON, with the `a` of each "warn" written as an escape.
fn without_warn(line: &[u8]) -> Vec<u8> {
    let mut safe = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&first, after)) = rest.split_first() {
        safe.push(first);
        rest = after;
        let is_warn = first.eq_ignore_ascii_case(&b'w')
            && after
                .get(..3)
                .is_some_and(|next| next.eq_ignore_ascii_case(b"arn"));
        if is_warn {
            let escape = if after[0] == b'a' {
                r"\u0061"
            } else {
                r"\u0041"
            };
            safe.extend_from_slice(escape.as_bytes());
            rest = &after[1..];
        }
    }
    safe
}

/// An error with all its causes, each said once, on one line.
#[derive(Debug)]
pub struct Causes<'a>(pub &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let why = error.to_string();
            // Some errors tell their cause themselves.
            if !said.contains(&why) {
                said = format!("{said}: {why}");
            }
            cause = error.source();
        }
        f.write_str(&said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_the_same_without_the_word() {
        let line = r#"{"detail":"Warnings: WARN, wArN, war, warm","w":"arn"}"#;
        let safe = String::from_utf8(without_warn(line.as_bytes())).unwrap();
        assert!(!safe.to_lowercase().contains("warn"), "{safe}");
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(&safe), read(line));
    }
}
