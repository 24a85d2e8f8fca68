//! Changes of one item, ended before any storage call and sent again.

use super::{Attempt, at_every_step, workspace_with};
use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Runs a request to something in a workspace with one project. `check` is told the workspace's path.
async fn change(
    method: Method,
    path: impl Fn(&str, &Answer) -> String,
    body: Value,
    check: impl AsyncFn(&App, &str),
) {
    let prepare = async |app: &App| {
        let (workspace, made) = workspace_with(app, &["Plan"]).await;
        let members = format!("{workspace}/members/carl");
        let viewer = json!({"role": "viewer"});
        app.user("ada")
            .put(&members, viewer)
            .await
            .expect(StatusCode::CREATED);
        Attempt {
            method: method.clone(),
            path: path(&workspace, &made[0]),
            body: body.clone(),
            workspaces: vec![workspace],
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        // Without a key the second time may find that the first did it.
        let is_done = answer.status.is_success();
        let was_done = attempt.method == Method::DELETE && answer.status == StatusCode::NOT_FOUND;
        assert!(is_done || was_done, "{answer:?}");
        check(app, &attempt.workspaces[0]).await;
    })
    .await;
}

#[tokio::test]
async fn changing_a_workspace() {
    let path = |workspace: &str, _: &Answer| workspace.to_owned();
    change(
        Method::PATCH,
        path,
        json!({"name": "New"}),
        async |app, workspace| {
            assert_eq!(app.user("ada").get(workspace).await.text("name"), "New");
        },
    )
    .await;
}

#[tokio::test]
async fn changing_a_project() {
    let path = |_: &str, project: &Answer| project.location();
    change(
        Method::PATCH,
        path,
        json!({"name": "New"}),
        async |app, workspace| {
            let list = app.user("ada").get(&format!("{workspace}/projects")).await;
            let projects = list.json["value"].as_array().unwrap();
            let names: Vec<_> = projects.iter().map(|project| &project["name"]).collect();
            assert_eq!(names, ["New"]);
        },
    )
    .await;
}

#[tokio::test]
async fn adding_a_member() {
    let path = |workspace: &str, _: &Answer| format!("{workspace}/members/bob");
    change(
        Method::PUT,
        path,
        json!({"role": "editor"}),
        async |app, workspace| {
            app.user("bob")
                .project(workspace, json!({"name": "Bob's"}))
                .await;
        },
    )
    .await;
}

#[tokio::test]
async fn removing_a_member() {
    let path = |workspace: &str, _: &Answer| format!("{workspace}/members/carl");
    change(Method::DELETE, path, Value::Null, async |app, workspace| {
        let seen = app.user("carl").get(workspace).await;
        seen.expect_problem(StatusCode::NOT_FOUND, "not-found");
    })
    .await;
}

#[tokio::test]
async fn saving_a_profile() {
    let path = |_: &str, _: &Answer| "/api/users/me".to_owned();
    change(
        Method::PUT,
        path,
        json!({"displayName": "Ada"}),
        async |app, _| {
            let me = app.user("ada").get("/api/users/me").await;
            assert_eq!(me.text("displayName"), "Ada");
        },
    )
    .await;
}
