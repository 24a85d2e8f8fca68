//! What the handler prints, with the severity the host gives each line.

use anyhow::Context;
use std::io::{BufRead, BufReader, Read};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::watch;

/// A line that is waited for comes within this time, or the wait fails.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Information,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) severity: Severity,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// Lines of both streams, in the order they were read. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logs(watch::Sender<Vec<Line>>);

impl Logs {
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.0.borrow().clone()
    }

    /// Waits for a line that contains `text`, which may have come already.
    pub(crate) async fn line_with(&self, text: &str) -> anyhow::Result<Line> {
        let find = |lines: &Vec<Line>| lines.iter().find(|line| line.text.contains(text)).cloned();
        let mut lines = self.0.subscribe();
        let found = lines.wait_for(|lines| find(lines).is_some());
        let found = tokio::time::timeout(LIMIT, found).await;
        found
            .ok()
            .and_then(|lines| find(&*lines.ok()?))
            .with_context(|| format!("no line with `{text}` in:\n{self}"))
    }

    /// Reads a stream to its end, on a thread.
    pub(crate) fn collect(
        &self,
        stream: Stream,
        source: impl Read + Send + 'static,
    ) -> JoinHandle<()> {
        let logs = self.0.clone();
        thread::spawn(move || {
            for text in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&text).into_owned();
                let severity = severity(stream, &text);
                logs.send_modify(|lines| lines.push(Line { severity, text }));
            }
        })
    }
}

impl std::fmt::Display for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Line { severity, text } in self.0.borrow().iter() {
            writeln!(f, "{severity:?}: {text}")?;
        }
        Ok(())
    }
}

fn severity(stream: Stream, text: &str) -> Severity {
    match stream {
        Stream::Stdout => Severity::Information,
        Stream::Stderr if text.to_lowercase().contains("warn") => Severity::Warning,
        Stream::Stderr => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_and_the_word_warn_make_the_severity() {
        let cases = [
            (Stream::Stdout, "WARN low on disk", Severity::Information),
            (Stream::Stderr, "WARN low on disk", Severity::Warning),
            (Stream::Stderr, "a forewarning", Severity::Warning),
            (Stream::Stderr, "out of disk", Severity::Error),
        ];
        for (stream, text, expected) in cases {
            assert_eq!(severity(stream, text), expected, "{stream:?} {text}");
        }
    }

    #[tokio::test]
    async fn a_line_can_be_waited_for() {
        let logs = Logs::default();
        let (waited, ()) = tokio::join!(logs.line_with("two"), async {
            logs.collect(Stream::Stderr, &b"one\ntwo warnings\n"[..])
                .join()
                .unwrap();
        });
        assert_eq!(waited.unwrap().severity, Severity::Warning);
        assert_eq!(logs.lines().len(), 2);
    }
}
