//! Load, from a process of its own.

use super::machine::Cores;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use ureq::Agent;
use ureq::http::Request;
use xtask::process::{Process, wait_for};

/// Beside the time of the load itself: connecting, and the last answers.
const SLACK: Duration = Duration::from_secs(20);

/// For so many requests, however slow the one is that answers them.
const COUNTED_LIMIT: Duration = Duration::from_mins(5);

/// Requests of one kind. What the program for load fills in is its own: see its `--help`.
#[derive(Debug)]
pub(super) struct Target {
    method: &'static str,
    url: String,
    headers: Vec<String>,
    body: Option<String>,
    status: u16,
}

/// What one run of load saw. Times are in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) requests: f64,
    pub(super) per_second: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
}

impl Target {
    pub(super) fn get(url: String) -> Self {
        Self {
            method: "GET",
            url,
            headers: Vec::new(),
            body: None,
            status: 200,
        }
    }

    pub(super) fn send(method: &'static str, url: String, json: String) -> Self {
        let target = Self {
            method,
            body: Some(json),
            ..Self::get(url)
        };
        target.with("content-type: application/json")
    }

    pub(super) fn with(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    pub(super) fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sends one request. Returns the request units that the answer tells of; errors when it is not the expected
    /// answer.
    pub(super) fn ask(&self, agent: &Agent) -> anyhow::Result<Option<f64>> {
        let url = filled(&self.url);
        let mut request = Request::builder().method(self.method).uri(&url);
        for header in &self.headers {
            let (name, value) = header.split_once(": ").unwrap_or_default();
            request = request.header(name, value);
        }
        let body = self.body.as_deref().map(filled).unwrap_or_default();
        let answer = agent.run(request.body(body)?)?;
        let status = answer.status().as_u16();
        ensure!(
            status == self.status,
            "{} {url} answered {status}, not {}",
            self.method,
            self.status
        );
        let charge = answer.headers().get("x-ms-request-charge");
        Ok(charge.and_then(|charge| charge.to_str().ok()?.parse().ok()))
    }
}

/// When a run of load ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    After(Duration),
    /// After so many requests, of all connections together.
    Requests(u32),
}

impl End {
    fn argument(self) -> String {
        match self {
            Self::After(time) => format!("--milliseconds={}", time.as_millis()),
            Self::Requests(count) => format!("--requests={count}"),
        }
    }

    fn limit(self) -> Duration {
        match self {
            Self::After(time) => time + SLACK,
            Self::Requests(_) => COUNTED_LIMIT,
        }
    }
}

/// Fails when an answer is not the expected one.
pub(super) fn run(
    program: &Path,
    cores: &Cores,
    target: &Target,
    connections: usize,
    end: End,
) -> anyhow::Result<Seen> {
    let mut command = Command::new(program);
    command
        .arg(&target.url)
        .args(["--method", target.method])
        .args(["--status", &target.status.to_string()])
        .args(["--connections", &connections.to_string()])
        .arg(end.argument())
        .args(target.body.iter().map(|body| format!("--body={body}")))
        .stdout(Stdio::piped());
    for header in &target.headers {
        command.args(["--header", header]);
    }
    let mut load = cores.loading(|| Process::start("the load", &mut command))?;
    let status = wait_for("the load", Some(end.limit()), || load.exited())?;
    ensure!(status.success(), "{} {} failed", target.method, target.url);
    let mut output = String::new();
    let stdout = load.stdout().context("the load has no output")?;
    stdout.take(4_096).read_to_string(&mut output)?;
    seen(&output).with_context(|| format!("the load said `{output}`"))
}

/// As the program for load fills it in, for its first connection. Its numbers are far larger.
fn filled(text: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    text.replace("{connection}", "000000000000")
        .replace("{request}", &number.to_string())
}

fn seen(output: &str) -> Option<Seen> {
    let json: Value = serde_json::from_str(output).ok()?;
    Some(Seen {
        requests: json["requests"].as_f64()?,
        per_second: json["requestsPerSecond"].as_f64()?,
        p50: json["p50"].as_f64()?,
        p99: json["p99"].as_f64()?,
        p999: json["p999"].as_f64()?,
    })
}
