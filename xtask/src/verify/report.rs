//! What was found, as a table to paste into an issue.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Kept,
    Broken,
    /// Nothing is promised, or only a person can tell.
    Seen,
    LeftOut,
}

#[derive(Debug, Clone)]
pub struct Finding {
    pub promise: &'static str,
    pub verdict: Verdict,
    pub seen: String,
}

/// Displayed as Markdown.
#[derive(Debug, Clone)]
pub struct Report {
    url: String,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn about(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            findings: Vec::new(),
        }
    }

    /// An answer that did not come breaks the promise.
    pub(super) fn judge(&mut self, promise: &'static str, judged: anyhow::Result<(bool, String)>) {
        let (kept, seen) = judged.unwrap_or_else(|error| (false, format!("{error:#}")));
        let verdict = if kept { Verdict::Kept } else { Verdict::Broken };
        self.add(promise, verdict, seen);
    }

    pub(super) fn see(&mut self, what: &'static str, seen: String) {
        self.add(what, Verdict::Seen, seen);
    }

    pub(super) fn leave_out(&mut self, promise: &'static str, why: &str) {
        self.add(promise, Verdict::LeftOut, why.to_owned());
    }

    fn add(&mut self, promise: &'static str, verdict: Verdict, seen: String) {
        eprintln!("{verdict}: {promise}");
        self.findings.push(Finding {
            promise,
            verdict,
            seen,
        });
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The promises that are not kept.
    pub fn broken(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.verdict == Verdict::Broken)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Broken => "BROKEN",
            Self::Seen => "seen",
            Self::LeftOut => "left out",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        writeln!(f, "`cargo xtask verify {}`, version {version}\n", self.url)?;
        writeln!(f, "| | Promise | Seen |\n|---|---|---|")?;
        for Finding {
            promise,
            verdict,
            seen,
        } in &self.findings
        {
            let seen = seen.replace('|', "\\|").replace(['\n', '\r'], " ");
            writeln!(f, "| {verdict} | {promise} | {seen} |")?;
        }
        Ok(())
    }
}
