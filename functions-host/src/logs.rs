//! The log: what the handler prints, with the severity the host gives each line, and what the host adds.

use anyhow::Context;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::watch;

/// A line that is waited for comes within this time, or the wait fails.
const LIMIT: Duration = Duration::from_secs(30);

/// The category of what the handler prints.
const CONSOLE: &str = "Host.Function.Console";

/// How the host rates a line: by its stream, and by whether it has "warn" in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Information,
    Warning,
    Error,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `Host.Function.Console` for what the handler prints.
    pub category: String,
    pub severity: Severity,
    pub text: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// Lines in the order they were read. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Logs {
    lines: watch::Sender<Vec<Line>>,
    levels: Arc<RwLock<LogLevels>>,
    on_terminal: bool,
}

/// `logging.logLevel` of host.json: the least severity that is logged, by the start of a category; `None` where nothing is.
#[derive(Debug, Default)]
pub(crate) struct LogLevels(Vec<(String, Option<Severity>)>);

impl LogLevels {
    pub(crate) fn of(host_json: &Value) -> anyhow::Result<Self> {
        let levels = host_json["logging"]["logLevel"].as_object();
        let read = |(category, level): (&String, &Value)| match level.as_str() {
            Some("Trace" | "Debug" | "Information") => {
                Ok((category.clone(), Some(Severity::Information)))
            }
            Some("Warning") => Ok((category.clone(), Some(Severity::Warning))),
            Some("Error" | "Critical") => Ok((category.clone(), Some(Severity::Error))),
            Some("None") => Ok((category.clone(), None)),
            _ => anyhow::bail!("a level this host does not know: {level}"),
        };
        Ok(Self(
            levels
                .into_iter()
                .flatten()
                .map(read)
                .collect::<anyhow::Result<_>>()?,
        ))
    }

    /// The longest start of the category decides; it ends where a part of the category ends.
    fn admits(&self, category: &str, severity: Severity) -> bool {
        let is_about = |name: &str| {
            let rest = category.strip_prefix(name);
            name == "default" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let about = self.0.iter().filter(|(name, _)| is_about(name));
        let closest = about.max_by_key(|(name, _)| if name == "default" { 0 } else { name.len() });
        let least = closest.map_or(Some(Severity::Information), |(_, least)| *least);
        least.is_some_and(|least| severity >= least)
    }
}

impl Logs {
    /// On a terminal lines are not kept: they are shown when somebody needs to see them.
    pub(crate) fn new(levels: LogLevels, on_terminal: bool) -> Self {
        Self {
            lines: watch::Sender::default(),
            levels: Arc::new(levels.into()),
            on_terminal,
        }
    }

    /// From now on, for all clones.
    pub(crate) fn set_levels(&self, levels: LogLevels) {
        *self.levels.write().unwrap_or_else(PoisonError::into_inner) = levels;
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<Line> {
        self.lines.borrow().clone()
    }

    /// A line of the host's own.
    pub(crate) fn host_says(&self, category: &str, severity: Severity, text: String) {
        self.write(category, severity, text);
    }

    fn write(&self, category: &str, severity: Severity, text: String) {
        let levels = self.levels.read().unwrap_or_else(PoisonError::into_inner);
        if !levels.admits(category, severity) {
            return;
        }
        if self.on_terminal {
            if severity > Severity::Information || category.ends_with(".User") {
                eprintln!("{category}: {text}");
            }
        } else {
            let category = category.to_owned();
            let line = Line {
                category,
                severity,
                text,
            };
            self.lines.send_modify(|lines| lines.push(line));
        }
    }

    /// Waits for a line that contains `text`, which may have come already. Errors after 30 s.
    pub async fn line_with(&self, text: &str) -> anyhow::Result<Line> {
        let find = |lines: &Vec<Line>| lines.iter().find(|line| line.text.contains(text)).cloned();
        let mut lines = self.lines.subscribe();
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
        let logs = self.clone();
        thread::spawn(move || {
            for text in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&text).into_owned();
                let severity = severity(stream, &text);
                logs.write(CONSOLE, severity, text);
            }
        })
    }
}

impl std::fmt::Display for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Line { severity, text, .. } in self.lines.borrow().iter() {
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

    #[test]
    fn the_longest_start_of_a_category_decides_what_is_logged() {
        let levels = r#"{"logging": {"logLevel": {"default": "Information", "Function": "Warning",
            "Function.sweep.User": "Information"}}}"#;
        let levels = LogLevels::of(&serde_json::from_str(levels).unwrap()).unwrap();
        for (category, logged) in [
            ("Function.echo", false),
            ("Function.sweep", false),
            ("Function.sweep.User", true),
            ("Functions", true),
            (CONSOLE, true),
        ] {
            assert_eq!(
                levels.admits(category, Severity::Information),
                logged,
                "{category}"
            );
            assert!(levels.admits(category, Severity::Warning));
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
