//! Moves that other releases have begun.

use crate::app::{Answer, App};
use crate::moves::copies;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const HERE: &str = "/api/workspaces/0190163d-8694-739b-aea5-966c26f8ad91";
const THERE: &str = "/api/workspaces/0190163d-8694-739b-aea5-966c26f8ad92";

/// 0.1.0 has created a project for the key `made`, and was killed when it had marked it for the key `moved`.
#[tokio::test]
async fn a_move_that_the_release_before_began_is_finished_and_its_keys_are_known() {
    let app = App::start().await;
    let items: Vec<Value> =
        serde_json::from_str(include_str!("../stored/moves/0.1.0.json")).unwrap();
    for item in items {
        app.store(&item).await;
    }
    let ada = app.user("ada");
    let keyed = async |path: &str, key: &str, body: Value| {
        let request = ada.request(Method::POST, path).json(&body);
        Answer::of(request.header("idempotency-key", key)).await
    };
    let projects = format!("{HERE}/projects");
    let made = keyed(&projects, "made", json!({"name": "P"})).await;
    let made = made.expect(StatusCode::CREATED);
    assert_eq!(made.text("createdAt"), "2026-01-04T09:01:00.000Z");

    let said = app.run_timer("/reconcile_moves").await;
    assert_eq!(said, "1 moves finished, 0 not");
    assert!(app.items("moves").await.is_empty());
    assert_eq!(copies(&ada, &[HERE, THERE], made.text("id")).await, 1);

    let target = json!({"targetWorkspaceId": THERE.rsplit('/').next()});
    let path = format!("{projects}/{}/move", made.text("id"));
    let moved = keyed(&path, "moved", target).await.expect(StatusCode::OK);
    assert_eq!(moved.text("updatedAt"), "2026-01-04T09:02:00.000Z");
    let there = format!("{THERE}/projects/by-slug/p");
    assert_eq!(ada.get(&there).await.json, moved.json);
    assert!(app.items("moves").await.is_empty());
}
