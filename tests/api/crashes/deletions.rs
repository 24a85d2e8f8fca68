//! Deletions, ended before any storage call.

use super::{Attempt, ENDS, End, at_every_step, ended_before, names, workspace_with};
use crate::app::App;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn deleting_a_project() {
    let prepare = async |app: &App| {
        let (workspace, made) = workspace_with(app, &["Drop"]).await;
        Attempt {
            method: Method::DELETE,
            path: made[0].location(),
            body: Value::Null,
            workspaces: vec![workspace],
            ..Attempt::default()
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
            ..Attempt::default()
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
            ..Attempt::default()
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
