//! One workspace, from its creation to its end.

use super::answer::{Answer, Caller};
use super::report::Report;
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Deletes what was made when it is dropped.
struct Made<'a> {
    caller: &'a Caller,
    path: String,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        let deleted = self.caller.ask("DELETE", &self.path).signed_in().send();
        let is_gone = deleted.is_ok_and(|answer| matches!(answer.status, 204 | 404));
        if !is_gone {
            eprintln!("{} was made and could not be deleted", self.path);
        }
    }
}

pub(super) fn a_life(caller: &Caller, report: &mut Report) {
    let key = SystemTime::now().duration_since(UNIX_EPOCH);
    let key = format!("verify-{}", key.unwrap_or_default().as_nanos());
    let create = || {
        let body = json!({"name": "cargo xtask verify"});
        let post = caller.ask("POST", "/api/workspaces").signed_in();
        post.header("idempotency-key", &key).json(&body)
    };
    let made = create().and_then(|created| made(caller, &created));
    let made = match made {
        Ok(made) => made,
        Err(error) => return report.judge("It creates", Err(error)),
    };
    report.judge("It creates", Ok((true, made.path.clone())));
    let replayed = create().map(|again| {
        let same = again.header("location") == made.path;
        (
            same,
            format!("{} {}", again.status, again.header("location")),
        )
    });
    report.judge("The same key is the same answer", replayed);
    report.judge(
        "If-None-Match is 304, a stale If-Match 412",
        conditions(caller, &made.path),
    );
    let path = made.path.clone();
    drop(made);
    let gone = caller.ask("GET", &path).signed_in().send();
    let gone = gone.map(|answer| (answer.status == 404, answer.shown()));
    report.judge("What was made is deleted", gone);
}

fn made<'a>(caller: &'a Caller, created: &Answer) -> anyhow::Result<Made<'a>> {
    let path = created.header("location").to_owned();
    let is_created = created.status == 201 && path.starts_with("/api/");
    ensure!(is_created, "{}, Location: {path}", created.shown());
    Ok(Made { caller, path })
}

fn conditions(caller: &Caller, path: &str) -> anyhow::Result<(bool, String)> {
    let read = caller.ask("GET", path).signed_in().send()?;
    let etag = read.header("etag").to_owned();
    let get = caller.ask("GET", path).signed_in();
    let unchanged = get.header("if-none-match", &etag).send()?;
    let patch = |etag: &str, patch: Value| {
        let request = caller.ask("PATCH", path).signed_in();
        request.header("if-match", etag).json(&patch)
    };
    let changed = patch(&etag, json!({"description": "changed"}))?;
    let stale = patch(&etag, json!({"description": "changed again"}))?;
    let seen = [read, unchanged, changed, stale].map(|answer| answer.status);
    Ok((seen == [200, 304, 200, 412], format!("{etag}: {seen:?}")))
}
