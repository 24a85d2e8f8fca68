//! Moves, ended before any storage call.

use super::{Attempt, ENDS, End, at_every_step, ended_before, names, workspace_with};
use crate::app::App;
use reqwest::{Method, StatusCode};
use serde_json::json;

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
            ..Attempt::default()
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
            ..Attempt::default()
        };
        let ended = ended_before(call, end, &mut app, &attempt).await.is_some();
        let seen = names(&app, &from).await.len() + names(&app, &to).await.len();
        assert_eq!(seen, 1, "{end:?} before call {call}");
        if ended && end == End::HungUp {
            return;
        }
    }
}
