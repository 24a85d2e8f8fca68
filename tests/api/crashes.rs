//! Before each storage call of an operation, the process is killed, as the host kills it: without a word; or the
//! caller hangs up, which ends the request there. Afterwards everything is as it was before or as it is after, and
//! the same request, sent again, ends as it would have.
//!
//! The calls are not listed here: each operation is run until it ends without meeting the trap, so a call
//! that is new is covered.

mod creations;
mod changes;
mod deletions;
mod moves;

use crate::app::{Answer, App};
use cosmos_emulator::Fault;
use reqwest::Method;
use serde_json::{Value, json};

/// A request with what it is about.
#[derive(Default)]
struct Attempt {
    key: String,
    method: Method,
    path: String,
    body: Value,
    /// The workspaces it touches.
    workspaces: Vec<String>,
}

/// What ends an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Killed,
    HungUp,
}

const ENDS: [End; 2] = [End::Killed, End::HungUp];

impl Attempt {
    async fn send(&self, app: &App) -> Answer {
        let request = app.user("ada").request(self.method.clone(), &self.path);
        let request = match &self.body {
            Value::Null => request,
            body => request.header("idempotency-key", &self.key).json(body),
        };
        Answer::of(request).await
    }
}

async fn names(app: &App, workspace: &str) -> Vec<String> {
    let ada = app.user("ada");
    let projects = ada
        .pages(&format!("{workspace}/projects?orderBy=name"))
        .await
        .concat();
    for project in &projects {
        let slug = project["slug"].as_str().unwrap();
        let by_slug = format!("{workspace}/projects/by-slug/{slug}");
        assert_eq!(ada.get(&by_slug).await.json, *project);
    }
    let names = projects
        .iter()
        .map(|p| p["name"].as_str().unwrap().to_owned());
    names.collect()
}

/// Ends the attempt before the storage call with this number. Returns the answer, when there is one: the operation
/// has fewer calls.
async fn ended_before(call: u32, end: End, app: &mut App, attempt: &Attempt) -> Option<Answer> {
    let trap = Fault {
        container: Some("items".to_owned()),
        skip: call,
        hold: true,
        ..Fault::default()
    };
    let trap = app.emulator.inject(trap).unwrap();
    let answer = tokio::select! {
        answer = attempt.send(app) => Some(answer),
        _ = app.emulator.fired(trap, 1) => None,
    };
    match end {
        End::Killed => app.handler = app.another(),
        End::HungUp if answer.is_none() => app.handler.says("\"status\":499").await,
        End::HungUp => {}
    }
    app.emulator.clear_faults();
    answer
}

/// Runs the operation with an end before its first call, its second, and so on. `check` is told what the
/// answer was in the end.
async fn at_every_step(
    prepare: impl AsyncFn(&App) -> Attempt,
    check: impl AsyncFn(&App, &Attempt, &Answer),
) {
    for end in ENDS {
        at_every_step_by(end, &prepare, &check).await;
    }
}

async fn at_every_step_by(
    end: End,
    prepare: &impl AsyncFn(&App) -> Attempt,
    check: &impl AsyncFn(&App, &Attempt, &Answer),
) {
    let mut app = App::start().await;
    for call in 0..50 {
        if end == End::HungUp {
            // One that has not yet said that somebody hung up.
            app.handler = app.another();
        }
        let mut attempt = prepare(&app).await;
        if attempt.key.is_empty() {
            attempt.key = format!("{end:?}-{call}");
        }
        let finished = ended_before(call, end, &mut app, &attempt).await;
        let ended = finished.is_some();
        let answer = match finished {
            Some(answer) => answer,
            None => attempt.send(&app).await,
        };
        check(&app, &attempt, &answer).await;
        if ended {
            assert!(call > 0, "it met storage before it ended");
            println!("{} {} {end:?}: {call} calls", attempt.method, attempt.path);
            return;
        }
    }
    panic!("it never ends");
}

async fn workspace_with(app: &App, projects: &[&str]) -> (String, Vec<Answer>) {
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let mut made = Vec::new();
    for name in projects {
        made.push(ada.project(&workspace, json!({"name": name})).await);
    }
    (workspace, made)
}
