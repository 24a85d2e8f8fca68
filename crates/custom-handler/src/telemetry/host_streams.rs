//! Log lines, where the Functions host reads their level.
//!
//! The host takes a line on stdout as Information. A line on stderr is an Error, or a Warning when it
//! contains "warn" in any case. So the level of an event decides where its one line goes, and an error
//! never says that word: <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers>

use std::io::{self, Write};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Sends each line where the host reads its level.
pub(super) struct HostStreams;

/// Where one line goes. The formatter writes a line with one call.
pub(super) enum Stream {
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
    let mut safe = line.to_vec();
    let is_warn = |four: &[u8]| four.eq_ignore_ascii_case(b"warn");
    while let Some(at) = safe.windows(4).position(is_warn) {
        let escaped = format!("\\u{:04x}", safe[at + 1]);
        safe.splice(at + 1..at + 2, escaped.into_bytes());
    }
    safe
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
