//! What is asked without changing anything.

use super::answer::{Answer, Caller};
use super::report::Report;
use serde_json::json;
use std::io::{self, Read};
use std::time::{Duration, Instant};
use ureq::SendBody;

/// 2 MiB.
const MAX_BODY: usize = 2 << 20;

/// A path that needs a caller.
const PROTECTED: &str = "/api/workspaces";

/// How long it takes. An error means that nothing is there.
pub(super) fn first_answers(caller: &Caller, report: &mut Report) -> anyhow::Result<()> {
    let ask = || {
        let start = Instant::now();
        let answer = caller.ask("GET", "/api/health/live").send()?;
        anyhow::Ok((answer, start.elapsed().as_millis()))
    };
    let (live, first) = ask()?;
    report.judge("It lives", Ok((live.status == 200, live.shown())));
    let (_, second) = ask()?;
    let seen = format!("{first} ms, with a cold start if there was one; the next {second} ms");
    report.see("First answer", seen);
    let ready = caller.ask("GET", "/api/health/ready").send();
    let ready = ready.map(|ready| {
        let reasons = ready.json()["reasons"].clone();
        let seen = if ready.status == 200 {
            ready.shown()
        } else {
            format!("{} {reasons}", ready.status)
        };
        (ready.status == 200, seen)
    });
    report.judge("It is ready", ready);
    Ok(())
}

/// What anybody may read.
pub(super) fn public(caller: &Caller, report: &mut Report) {
    report.judge("ETag, and 304 for it", unchanged(caller));
    report.judge("Problems are as RFC 9457 has them", problem(caller));
    report.judge("The app answers methods, not the host", method(caller));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced = caller
        .ask("GET", "/api/health/live")
        .header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"))
        .send();
    if traced.is_ok_and(|answer| answer.status == 200) {
        let seen = format!("{trace} was sent: look for it where your traces go");
        report.see("traceparent", seen);
    }
    if let Some(host) = caller.base().strip_prefix("https://") {
        let plain = caller.ask_url("GET", format!("http://{host}/api/health/live"));
        let plain = plain.send();
        let plain = plain.map(|answer| ((301..400).contains(&answer.status), answer.shown()));
        report.judge("Plain HTTP leads to HTTPS", plain);
    }
}

fn unchanged(caller: &Caller) -> anyhow::Result<(bool, String)> {
    let first = caller.ask("GET", "/api/openapi.json").send()?;
    let etag = first.header("etag").to_owned();
    let again = caller
        .ask("GET", "/api/openapi.json")
        .header("if-none-match", &etag)
        .send()?;
    let kept = first.status == 200 && !etag.is_empty() && again.status == 304;
    Ok((
        kept,
        format!("{} {etag}, then {}", first.status, again.status),
    ))
}

fn problem(caller: &Caller) -> anyhow::Result<(bool, String)> {
    let answer = caller.ask("GET", "/api/health/nothing").send()?;
    let instance = answer.json()["instance"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let kept = answer.is_problem(404, "no-such-route")
        && answer.header("content-type") == "application/problem+json"
        && answer.header("x-content-type-options") == "nosniff"
        && instance.starts_with("urn:uuid:");
    Ok((kept, format!("{}, instance {instance}", answer.shown())))
}

fn method(caller: &Caller) -> anyhow::Result<(bool, String)> {
    let answer = caller.ask("DELETE", "/api/health/live").send()?;
    let allow = answer.header("allow");
    let kept = answer.status == 405 && allow.contains("GET");
    Ok((kept, format!("{}, Allow: {allow}", answer.shown())))
}

/// What must not let anybody in.
pub(super) fn strangers(caller: &Caller, report: &mut Report) {
    let refused = |answer: anyhow::Result<Answer>| {
        answer.map(|answer| {
            (
                matches!(answer.status, 301..=303 | 401 | 403),
                answer.shown(),
            )
        })
    };
    let nobody = caller.ask("GET", PROTECTED).send();
    report.judge("Who is nobody is refused", refused(nobody));
    let principal = caller
        .ask("GET", PROTECTED)
        .header("x-ms-client-principal", FORGED_PRINCIPAL)
        .header("x-ms-client-principal-id", "verify")
        .send();
    report.judge(
        "A forged principal is taken away or not believed",
        refused(principal),
    );
    let developer = caller.ask("GET", PROTECTED).header("x-dev-user", "verify");
    match refused(developer.send()) {
        // Only with storage on loopback, so a developer's machine.
        Ok((false, seen)) if caller.base().starts_with("http://") => {
            report.see("x-dev-user", format!("{seen}: AUTH_MODE is dev"));
        }
        refused => report.judge("x-dev-user is not believed", refused),
    }
    report.judge("Nobody runs the timer from outside", timer(caller));
}

/// `{"auth_typ":"aad","claims":[{"typ":"http://schemas.microsoft.com/identity/claims/objectidentifier","val":"verify"}]}`
const FORGED_PRINCIPAL: &str = "eyJhdXRoX3R5cCI6ImFhZCIsImNsYWltcyI6W3sidHlwIjoiaHR0cDovL3NjaGVtYXMubWljcm9zb2Z0LmNvbS\
                                9pZGVudGl0eS9jbGFpbXMvb2JqZWN0aWRlbnRpZmllciIsInZhbCI6InZlcmlmeSJ9XX0=";

/// The ways on which other modes of the host let callers reach a trigger.
fn timer(caller: &Caller) -> anyhow::Result<(bool, String)> {
    let mut seen = Vec::new();
    for path in [
        "/reconcile_memberships",
        "/api/health/%252E%252E/%252E%252E/reconcile_memberships",
        "/api/docs/..%5C..%5Creconcile_memberships",
    ] {
        let forged = caller
            .ask("POST", path)
            .header("x-azure-functions-invocationid", "verify")
            .header("x-azure-functions-hostversion", "4");
        seen.push(forged.json(&json!({"Data": {}}))?);
    }
    let kept = seen
        .iter()
        .all(|answer| (301..500).contains(&answer.status));
    let seen: Vec<_> = seen
        .iter()
        .map(|answer| answer.status.to_string())
        .collect();
    Ok((kept, seen.join(", ")))
}

/// How bodies get through. Nothing is made of them: they are refused for what they say, or for want of a caller.
pub(super) fn bodies(caller: &Caller, report: &mut Report) {
    let post = || caller.ask("POST", PROTECTED).signed_in();
    if caller.is_signed_in() {
        let chunked = post().json_text(SendBody::from_reader(&mut &b"{}"[..]), None);
        let chunked = chunked.map(|answer| (answer.status == 422, answer.shown()));
        report.judge("A chunked body arrives", chunked);
        let most = json!({"description": "x".repeat(MAX_BODY - 100)});
        let most = post().json(&most);
        let most = most.map(|answer| (answer.status == 422, answer.shown()));
        report.judge("Nearly 2 MiB arrive", most);
    } else {
        report.leave_out("A chunked body arrives", super::NO_CALLER);
        report.leave_out("Nearly 2 MiB arrive", super::NO_CALLER);
    }
    let more = post().json(&json!({"description": "x".repeat(MAX_BODY)}));
    let more = more.map(|answer| (answer.is_problem(413, "body-too-large"), answer.shown()));
    report.judge("More than 2 MiB are a 413", more);
}

pub(super) fn queries(caller: &Caller, report: &mut Report) {
    let twice = caller
        .ask("GET", "/api/workspaces?limit=1&limit=2")
        .signed_in();
    let twice = twice.send().map(|answer| {
        let told = String::from_utf8_lossy(&answer.body).contains("twice");
        (answer.status == 400 && told, answer.shown())
    });
    report.judge("Repeated query keys arrive apart", twice);
}

/// A body that comes a byte at a time, for longer than a request may take.
pub(super) fn deadline(caller: &Caller, deadline: Duration, report: &mut Report) {
    let start = Instant::now();
    let mut slow = Slow {
        until: start + deadline + Duration::from_secs(15),
    };
    let post = caller.ask("POST", PROTECTED).signed_in();
    let answer = post.json_text(SendBody::from_reader(&mut slow), None);
    let took = start.elapsed();
    let seen = match &answer {
        Ok(answer) => format!("{} after {} s", answer.shown(), took.as_secs()),
        Err(_) => format!("the connection ended after {} s", took.as_secs()),
    };
    let in_time = took < deadline + Duration::from_secs(10);
    let is_refused = answer.map_or(true, |answer| matches!(answer.status, 408 | 500..));
    report.judge(
        "A body that does not come to an end is cut",
        Ok((in_time && is_refused, seen)),
    );
}

struct Slow {
    until: Instant,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.until || buffer.is_empty() {
            return Ok(0);
        }
        std::thread::sleep(Duration::from_millis(500));
        // More than the 240 bytes a second that servers want to see.
        let length = buffer.len().min(512);
        buffer[..length].fill(b' ');
        Ok(length)
    }
}
