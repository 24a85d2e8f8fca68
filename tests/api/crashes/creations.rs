//! Creations and batches, ended before any storage call and sent again.

use super::{Attempt, at_every_step, names, workspace_with};
use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn creating_a_workspace() {
    let prepare = async |app: &App| {
        for workspace in app.user("ada").pages("/api/workspaces").await.concat() {
            let path = format!("/api/workspaces/{}", workspace["id"].as_str().unwrap());
            app.user("ada").delete(&path).await;
        }
        Attempt {
            method: Method::POST,
            path: "/api/workspaces".to_owned(),
            body: json!({"name": "W"}),
            workspaces: Vec::new(),
            ..Attempt::default()
        }
    };
    let check = async |app: &App, _: &Attempt, answer: &Answer| {
        assert_eq!(answer.status, StatusCode::CREATED);
        let listed = app.user("ada").pages("/api/workspaces").await.concat();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["id"], answer.json["id"]);
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

#[tokio::test]
async fn creating_a_project_and_replaying_it() {
    let prepare = async |app: &App| {
        let (workspace, _) = workspace_with(app, &["Plan", "Plan"]).await;
        Attempt {
            method: Method::POST,
            path: format!("{workspace}/projects"),
            body: json!({"name": "Plan"}),
            workspaces: vec![workspace],
            ..Attempt::default()
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
            key: "once".to_owned(),
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
            ..Attempt::default()
        }
    };
    at_every_step(prepare, async |app, attempt, answer| {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(names(app, &attempt.workspaces[0]).await, ["Kept", "New"]);
    })
    .await;
}
