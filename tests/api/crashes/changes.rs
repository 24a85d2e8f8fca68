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
            ..Attempt::default()
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        // Without a key the second time may find that the first did it.
        let is_done = answer.status.is_success();
        let was_done = attempt.method == Method::DELETE && answer.status == StatusCode::NOT_FOUND;
        assert!(is_done || was_done, "{answer:?}");
        check(app, &attempt.workspaces[0]).await;
        lists_agree(app, &attempt.workspaces[0]).await;
    })
    .await;
}

/// What the timer leaves: the members of a workspace are those in whose own lists it is, with the same roles.
async fn lists_agree(app: &App, workspace: &str) {
    app.run_timer("/reconcile_memberships").await;
    let members = app.user("ada").pages(&format!("{workspace}/members")).await;
    let members = members.concat();
    let id = workspace.rsplit('/').next().unwrap();
    for user in ["ada", "bob", "carl"] {
        let listed = app.user(user).pages("/api/workspaces?limit=100").await;
        let listed = listed.concat();
        let listed = listed.iter().find(|one| one["id"] == id);
        let member = members.iter().find(|member| member["userId"] == user);
        let role = |found: Option<&Value>| found.map(|found| found["role"].clone());
        assert_eq!(role(listed), role(member), "{user}");
    }
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
async fn making_somebody_an_owner() {
    let path = |workspace: &str, _: &Answer| format!("{workspace}/members/carl");
    let owner = json!({"role": "owner"});
    change(Method::PUT, path, owner, async |app, workspace| {
        let (ada, carl) = (app.user("ada"), app.user("carl"));
        let member = format!("{workspace}/members/ada");
        ada.delete(&member).await.expect(StatusCode::NO_CONTENT);
        let back = carl.put(&member, json!({"role": "owner"})).await;
        back.expect(StatusCode::CREATED);
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
            let bob = app.user("bob");
            let found = bob.get("/api/users?email=ada@example.com").await;
            assert_eq!(found.json["value"][0]["id"], "ada");
        },
    )
    .await;
}

/// Ada is a member of a workspace of Bob's, and no longer owns one alone.
#[tokio::test]
async fn erasing_oneself() {
    let prepare = async |app: &App| {
        let (ada, bob) = (app.user("ada"), app.user("bob"));
        ada.put("/api/users/me", json!({"displayName": "Ada"}))
            .await;
        let workspace = bob.workspace().await;
        let member = format!("{workspace}/members/ada");
        bob.put(&member, json!({"role": "editor"})).await;
        Attempt {
            method: Method::DELETE,
            path: "/api/users/me".to_owned(),
            body: Value::Null,
            workspaces: vec![workspace],
            ..Attempt::default()
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
        app.run_timer("/reconcile_memberships").await;
        let (ada, bob) = (app.user("ada"), app.user("bob"));
        ada.get("/api/users/me").await.expect(StatusCode::NOT_FOUND);
        let found = bob.get("/api/users?email=ada@example.com").await;
        assert_eq!(found.json, json!({"value": []}));
        assert_eq!(ada.get("/api/workspaces").await.json, json!({"value": []}));
        let member = format!("{}/members/ada", attempt.workspaces[0]);
        bob.get(&member).await.expect(StatusCode::NOT_FOUND);
    })
    .await;
}
