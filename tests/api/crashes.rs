//! Before each storage call of an operation, the process is killed, as the host kills it: without a word; or the
//! caller hangs up, which ends the request there. Afterwards everything is as it was before or as it is after, and
//! the same request, sent again, ends as it would have.
//!
//! The calls are not listed here: each operation is run until it ends without meeting the trap, so a call
//! that is new is covered.

use crate::app::{Answer, App};
use cosmos_emulator::Fault;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A request with what it is about.
pub(crate) struct Attempt {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// The workspaces it touches.
    pub(crate) workspaces: Vec<String>,
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
            body => request.header("idempotency-key", "once").json(body),
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
pub(crate) async fn at_every_step(
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
        let attempt = prepare(&app).await;
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

#[tokio::test]
async fn creating_a_workspace() {
    let prepare = async |app: &App| {
        for workspace in app.user("ada").pages("/api/workspaces").await.concat() {
            let path = format!("/api/workspaces/{}", workspace["id"].as_str().unwrap());
            app.user("ada").delete(&path).await;
        }
        // The key of the round before is forgotten.
        app.emulator
            .advance_clock(std::time::Duration::from_hours(25));
        Attempt {
            method: Method::POST,
            path: "/api/workspaces".to_owned(),
            body: json!({"name": "W"}),
            workspaces: Vec::new(),
        }
    };
    let check = async |app: &App, _: &Attempt, answer: &Answer| {
        assert_eq!(answer.status, StatusCode::CREATED);
        let listed = app.user("ada").pages("/api/workspaces").await.concat();
        assert_eq!(listed, std::slice::from_ref(&answer.json));
        app.user("ada")
            .project(&answer.location(), json!({"name": "P"}))
            .await;
        let project = app
            .user("ada")
            .pages(&format!("{}/projects", answer.location()))
            .await;
        let path = project[0][0]["id"].as_str().unwrap();
        let path = format!("{}/projects/{path}", answer.location());
        app.user("ada").delete(&path).await;
    };
    at_every_step(prepare, check).await;
}

pub(crate) async fn workspace_with(app: &App, projects: &[&str]) -> (String, Vec<Answer>) {
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let mut made = Vec::new();
    for name in projects {
        made.push(ada.project(&workspace, json!({"name": name})).await);
    }
    (workspace, made)
}

#[tokio::test]
async fn creating_a_project_and_replaying_it() {
    let prepare = async |app: &App| {
        let (workspace, _) = workspace_with(app, &["Plan", "Plan"]).await;
        Attempt {
            method: Method::POST,
            path: format!("{workspace}/projects"),
            body: json!({"name": "Plan"}),
            workspaces: vec![workspace],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.text("slug"), "plan-3");
        assert_eq!(names(app, &attempt.workspaces[0]).await.len(), 3);
        assert_eq!(attempt.send(app).await.json, answer.json);
    })
    .await;
}

#[tokio::test]
async fn replaying_a_creation() {
    let prepare = async |app: &App| {
        let (workspace, _) = workspace_with(app, &[]).await;
        let attempt = Attempt {
            method: Method::POST,
            path: format!("{workspace}/projects"),
            body: json!({"name": "Plan"}),
            workspaces: vec![workspace],
        };
        attempt.send(app).await.expect(StatusCode::CREATED);
        attempt
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(names(app, &attempt.workspaces[0]).await, ["Plan"]);
    })
    .await;
}

#[tokio::test]
async fn a_batch() {
    let prepare = async |app: &App| {
        let (workspace, made) = workspace_with(app, &["Drop", "Keep"]).await;
        let operations = json!([
            {"op": "delete", "projectId": made[0].json["id"]},
            {"op": "update", "projectId": made[1].json["id"], "patch": {"name": "Kept"}},
            {"op": "create", "project": {"name": "New"}},
        ]);
        Attempt {
            method: Method::POST,
            path: format!("{workspace}/projects/batch"),
            body: json!({"operations": operations}),
            workspaces: vec![workspace],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(names(app, &attempt.workspaces[0]).await, ["Kept", "New"]);
    })
    .await;
}

#[tokio::test]
async fn deleting_a_project() {
    let prepare = async |app: &App| {
        let (workspace, made) = workspace_with(app, &["Drop"]).await;
        Attempt {
            method: Method::DELETE,
            path: made[0].location(),
            body: Value::Null,
            workspaces: vec![workspace],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        // Without a key the second time may find that the first did it.
        assert!([204, 404].contains(&answer.status.as_u16()), "{answer:?}");
        assert!(names(app, &attempt.workspaces[0]).await.is_empty());
        let again = app
            .user("ada")
            .project(&attempt.workspaces[0], json!({"name": "Drop"}))
            .await;
        assert_eq!(again.text("slug"), "drop", "the slug is free");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_workspace() {
    let prepare = async |app: &App| {
        let (workspace, _) = workspace_with(app, &[]).await;
        Attempt {
            method: Method::DELETE,
            path: workspace.clone(),
            body: Value::Null,
            workspaces: vec![workspace],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert!([204, 404].contains(&answer.status.as_u16()), "{answer:?}");
        let workspace = &attempt.workspaces[0];
        app.user("ada")
            .get(workspace)
            .await
            .expect(StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn creating_a_project_in_a_workspace_whose_deletion_was_ended() {
    for (call, end) in (0..20).flat_map(|call| ENDS.map(|end| (call, end))) {
        let mut app = App::start().await;
        let (workspace, _) = workspace_with(&app, &[]).await;
        let deletion = Attempt {
            method: Method::DELETE,
            path: workspace.clone(),
            body: Value::Null,
            workspaces: Vec::new(),
        };
        let ended = ended_before(call, end, &mut app, &deletion).await;
        if ended.is_some() && end == End::HungUp {
            return;
        }
        let ada = app.user("ada");
        let created = ada
            .post(&format!("{workspace}/projects"), json!({"name": "P"}))
            .await;
        let left = ada.get(&workspace).await.status;
        // Either the deletion had not begun in earnest, or its rest was done.
        let consistent = [(201, 200), (404, 404)];
        let seen = (created.status.as_u16(), left.as_u16());
        assert!(consistent.contains(&seen), "{end:?} {call}: {seen:?}");
    }
}

#[tokio::test]
async fn moving_a_project() {
    let prepare = async |app: &App| {
        let (from, made) = workspace_with(app, &["Plan"]).await;
        let (to, _) = workspace_with(app, &["Plan"]).await;
        let target = to.rsplit('/').next().unwrap();
        Attempt {
            method: Method::POST,
            path: format!("{}/move", made[0].location()),
            body: json!({"targetWorkspaceId": target}),
            workspaces: vec![from, to],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.text("slug"), "plan-2");
        assert!(names(app, &attempt.workspaces[0]).await.is_empty());
        assert_eq!(names(app, &attempt.workspaces[1]).await.len(), 2);
        let again = attempt.send(app).await;
        assert_eq!(again.expect(StatusCode::OK).json, answer.json);
    })
    .await;
}

/// Nobody sends the request again: whoever looks at either workspace sees the project once.
#[tokio::test]
async fn moving_a_project_and_never_coming_back() {
    for (call, end) in (0..50).flat_map(|call| ENDS.map(|end| (call, end))) {
        let mut app = App::start().await;
        let (from, made) = workspace_with(&app, &["Plan"]).await;
        let (to, _) = workspace_with(&app, &[]).await;
        let attempt = Attempt {
            method: Method::POST,
            path: format!("{}/move", made[0].location()),
            body: json!({"targetWorkspaceId": to.rsplit('/').next()}),
            workspaces: Vec::new(),
        };
        let ended = ended_before(call, end, &mut app, &attempt).await.is_some();
        let seen = names(&app, &from).await.len() + names(&app, &to).await.len();
        assert_eq!(seen, 1, "{end:?} before call {call}");
        if ended && end == End::HungUp {
            return;
        }
    }
}
