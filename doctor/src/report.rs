//! What was found, for people and for machines.

use serde::Serialize;
use std::fmt;

/// The outcome of all checks, in the order they are made.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether nothing failed. What was skipped waits for something that did.
    pub ok: bool,
    pub checks: Vec<Check>,
}

/// The outcome of one check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Stays the same from version to version.
    pub name: &'static str,
    pub status: Status,
    /// One sentence a line.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Ok,
    Failed,
    /// Another check must be well before this one can be made.
    Skipped,
}

impl Check {
    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Ok,
            detail: detail.into(),
            advice: None,
        }
    }

    pub(super) fn failed(
        name: &'static str,
        detail: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self {
            status: Status::Failed,
            advice: Some(advice),
            ..Self::ok(name, detail)
        }
    }

    pub(super) fn skipped(name: &'static str, waits_for: &str) -> Self {
        Self {
            status: Status::Skipped,
            ..Self::ok(name, format!("waits for {waits_for}"))
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }
}

impl Report {
    pub(super) fn of(checks: Vec<Check>) -> Self {
        let ok = checks.iter().all(|check| check.status != Status::Failed);
        Self { ok, checks }
    }

    fn count(&self, status: Status) -> usize {
        let checks = self.checks.iter();
        checks.filter(|check| check.status == status).count()
    }
}

/// A table, and how many checks failed.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            write!(f, "{check}")?;
        }
        let all = self.checks.len();
        let (failed, skipped) = (self.count(Status::Failed), self.count(Status::Skipped));
        match (failed, skipped) {
            (0, 0) => writeln!(f, "\nall {all} checks are ok"),
            (_, 0) => writeln!(f, "\n{failed} of {all} checks failed"),
            _ => writeln!(
                f,
                "\n{failed} of {all} checks failed, {skipped} wait for them"
            ),
        }
    }
}

/// A row of the table; what does not fit in one line goes on below its column.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut status, mut name) = (self.status.text(), self.name);
        let advice = self.advice.map(|advice| format!("→ {advice}"));
        for line in self.detail.lines().chain(advice.as_deref()) {
            writeln!(f, "{status:<8} {name:<14} {line}")?;
            (status, name) = ("", "");
        }
        Ok(())
    }
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
