//! What requests did, added up: one line for every ten seconds that had any. How much is logged does not grow with
//! how much is asked.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tracing::callsite::Identifier;

const WINDOW: Duration = Duration::from_secs(10);
/// The one that used most is among these.
const SHOWN: usize = 5;
/// More than this many in a window are not told apart.
const TOLD_APART: usize = 4_096;
/// Lines of a kind that are written in a second; the rest is counted.
const LINES: u64 = 10;

static TRAFFIC: Mutex<Option<Window>> = Mutex::new(None);

/// A request that was answered, or given up.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// The HTTP method.
    pub method: &'static str,
    /// The template.
    pub route: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// The time from the arrival of the request to its answer.
    pub duration: Duration,
    /// Request units of its storage operations.
    pub request_charge: f64,
    /// Storage requests that were made once more.
    pub retries: u64,
    /// What most of its items are stored under.
    pub partition: Option<&'a str>,
    /// The caller's id; only its hash is written.
    pub caller: Option<&'a str>,
}

/// What lines are alike in, when there are too many of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Requests with this status.
    Status(u16),
    /// Requests that took long.
    Slow,
    /// Warnings and errors of one place in the source.
    Place(Identifier),
}

/// What is added up since the last line.
#[derive(Debug, Default)]
struct Window {
    /// Whether somebody sees to it that it ends.
    ends: bool,
    routes: HashMap<(&'static str, String, u16), Sum>,
    partitions: HashMap<String, f64>,
    callers: HashMap<String, f64>,
    lines: HashMap<Kind, (Option<Instant>, u64)>,
    not_logged: u64,
}

#[derive(Debug, Default)]
struct Sum {
    count: u32,
    duration: Duration,
    slowest: Duration,
    request_charge: f64,
    retries: u64,
}

/// How a [`Sum`] is written.
#[derive(Serialize)]
struct Row {
    route: String,
    status: u16,
    count: u32,
    mean_ms: f64,
    max_ms: f64,
    request_charge: f64,
    retries: u64,
}

/// Counts a request.
pub fn count(request: &Finished<'_>) {
    with_window(|window| window.count(request));
}

/// Whether one more line of this kind may be written now. What may not is counted.
pub fn admits(kind: Kind) -> bool {
    with_window(|window| {
        let (second, lines) = window.lines.entry(kind).or_default();
        if second.is_none_or(|second| second.elapsed() >= Duration::from_secs(1)) {
            (*second, *lines) = (Some(Instant::now()), 0);
        }
        *lines += 1;
        let admitted = *lines <= LINES;
        window.not_logged += u64::from(!admitted);
        admitted
    })
}

/// Writes what was counted since the last line, if anything was.
pub fn write_summary() {
    let window = TRAFFIC
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(window) = window.filter(Window::has_something_to_say) {
        window.write();
    }
}

/// The first in a window sees to it that the window ends: without requests nothing wakes up. A thread that has no
/// runtime, and has something to warn of, leaves that to the next.
fn with_window<R>(change: impl FnOnce(&mut Window) -> R) -> R {
    let mut traffic = TRAFFIC.lock().unwrap_or_else(PoisonError::into_inner);
    let window = traffic.get_or_insert_default();
    if !window.ends
        && let Ok(runtime) = Handle::try_current()
    {
        window.ends = true;
        runtime.spawn(async {
            tokio::time::sleep(WINDOW).await;
            write_summary();
        });
    }
    change(window)
}

fn add(used: &mut HashMap<String, f64>, who: Option<&str>, request_charge: f64) {
    let Some(who) = who.filter(|_| request_charge > 0.0) else {
        return;
    };
    if let Some(sum) = used.get_mut(who) {
        *sum += request_charge;
    } else if used.len() < TOLD_APART {
        used.insert(who.to_owned(), request_charge);
    }
}

impl Window {
    fn count(&mut self, request: &Finished<'_>) {
        let key = (request.method, request.route.to_owned(), request.status);
        let sum = self.routes.entry(key).or_default();
        sum.count += 1;
        sum.duration += request.duration;
        sum.slowest = sum.slowest.max(request.duration);
        sum.request_charge += request.request_charge;
        sum.retries += request.retries;
        let request_charge = request.request_charge;
        add(&mut self.partitions, request.partition, request_charge);
        add(&mut self.callers, request.caller, request_charge);
    }

    fn has_something_to_say(&self) -> bool {
        !self.routes.is_empty() || self.not_logged > 0
    }

    fn write(&self) {
        let mut rows: Vec<_> = self.routes.iter().map(row).collect();
        rows.sort_by(|a, b| (&a.route, a.status).cmp(&(&b.route, b.status)));
        let requests: u64 = rows.iter().map(|row| u64::from(row.count)).sum();
        let not_logged = Some(self.not_logged).filter(|lines| *lines > 0);
        tracing::info!(
            requests,
            routes = json(&rows),
            partitions = json(&most(&self.partitions)),
            callers = json(&most(&self.callers)),
            not_logged,
            "requests"
        );
    }
}

fn row(((method, route, status), sum): (&(&str, String, u16), &Sum)) -> Row {
    Row {
        route: format!("{method} {route}"),
        status: *status,
        count: sum.count,
        mean_ms: milliseconds(sum.duration / sum.count.max(1)),
        max_ms: milliseconds(sum.slowest),
        request_charge: thousandths(sum.request_charge),
        retries: sum.retries,
    }
}

/// Those with the most request units, hashed.
fn most(used: &HashMap<String, f64>) -> Vec<(String, f64)> {
    let mut used: Vec<_> = used.iter().collect();
    used.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let shown = used.into_iter().take(SHOWN);
    shown
        .map(|(who, sum)| (hashed(who), thousandths(*sum)))
        .collect()
}

/// Tells two apart without saying who they are: the first 64 bits of a SHA-256.
pub fn hashed(who: &str) -> String {
    let hash = Sha256::digest(who);
    let first = hash.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(first))
}

/// Of numbers and text alone, which cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    thousandths(duration.as_secs_f64() * 1e3)
}

fn thousandths(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request that took so many milliseconds, and cost as much.
    fn finished(milliseconds: u32, retries: u64, who: &str) -> Finished<'_> {
        Finished {
            method: "GET",
            route: "/api/notes/{noteId}",
            status: 200,
            duration: Duration::from_millis(milliseconds.into()),
            request_charge: milliseconds.into(),
            retries,
            partition: Some(who),
            caller: Some(who),
        }
    }

    #[test]
    fn a_row_has_the_mean_and_the_slowest_duration_and_all_retries() {
        let mut window = Window::default();
        for (milliseconds, retries) in [(10, 1), (60, 0), (20, 2)] {
            window.count(&finished(milliseconds, retries, "ada"));
        }
        let rows: Vec<_> = window.routes.iter().map(row).collect();
        assert_eq!(
            json(&rows),
            r#"[{"route":"GET /api/notes/{noteId}","status":200,"count":3,"mean_ms":30.0,"max_ms":60.0,"request_charge":90.0,"retries":3}]"#
        );
    }

    #[tokio::test]
    async fn a_window_that_a_thread_without_a_runtime_began_ends_as_well() {
        std::thread::spawn(|| admits(Kind::Slow)).join().unwrap();
        count(&finished(1, 0, "ada"));
        let traffic = TRAFFIC.lock().unwrap();
        assert!(traffic.as_ref().is_some_and(|window| window.ends));
    }

    #[test]
    fn the_five_that_used_most_are_named() {
        let mut window = Window::default();
        for (who, milliseconds) in (1..=7).map(|number| (number.to_string(), number)) {
            window.count(&finished(milliseconds, 0, &who));
        }
        let expected = [7_u32, 6, 5, 4, 3].map(|used| (hashed(&used.to_string()), used.into()));
        assert_eq!(most(&window.partitions), expected);
        assert_eq!(most(&window.callers), expected);
    }
}
