//! The timer that finishes moves which were left half done.

use crate::staged::Staged;
use cosmos_emulator::{Fault, Resource};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

async fn workspace(app: &Staged) -> String {
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    created.headers()["location"].to_str().unwrap().to_owned()
}

async fn projects(app: &Staged, workspace: &str) -> Vec<Value> {
    let list = app.request(Method::GET, &format!("{workspace}/projects"));
    let listed: Value = list.send().await.unwrap().json().await.unwrap();
    listed["value"].as_array().unwrap().clone()
}

/// A request to an item's partition at the emulator.
fn in_moves(app: &Staged, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}/dbs/app/colls/items/docs{path}", app.emulator.url());
    let request = reqwest::Client::new().request(method, url);
    request.header("x-ms-documentdb-partitionkey", "[\"moves\"]")
}

async fn intents(app: &Staged) -> Vec<Value> {
    let query = in_moves(app, Method::POST, "")
        .header("x-ms-documentdb-isquery", "true")
        .json(&json!({"query": "SELECT * FROM c", "parameters": []}));
    let found: Value = query.send().await.unwrap().json().await.unwrap();
    found["Documents"].as_array().unwrap().clone()
}

/// Makes the moves that were begun look as if that was long ago.
async fn let_time_pass(app: &Staged) {
    for mut intent in intents(app).await {
        intent["startedAt"] = json!("2026-01-01T00:00:00.000Z");
        let path = format!("/{}", intent["id"].as_str().unwrap());
        let replaced = in_moves(app, Method::PUT, &path).json(&intent).send().await;
        assert_eq!(replaced.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn the_timer_finishes_what_a_killed_process_left_behind() {
    // Killed before the project arrives, and before it is removed.
    for skip in [0, 1] {
        let app = Staged::start().await;
        let (from, to) = (workspace(&app).await, workspace(&app).await);
        let create = app.request(Method::POST, &format!("{from}/projects"));
        let created = create.json(&json!({"name": "P"})).send().await.unwrap();
        let project = created.headers()["location"].to_str().unwrap().to_owned();

        let trap = Fault {
            resource: Some(Resource::Batch),
            skip,
            hold: true,
            ..Fault::default()
        };
        let trap = app.emulator.inject(trap).unwrap();
        let target = to.rsplit('/').next().unwrap();
        let start = app.request(Method::POST, &format!("{project}/move"));
        let moving = tokio::spawn(start.json(&json!({"targetWorkspaceId": target})).send());
        assert!(app.emulator.fired(trap, 1).await);
        app.host.kill();
        moving.abort();
        app.emulator.clear_faults();
        app.host.restart().await.unwrap();

        // Somebody may be at it still: it is left alone.
        let ran = app.host.invoke("reconcile_moves", json!({})).await.unwrap();
        assert_eq!(ran.logs, ["0 moves finished, 0 not"]);
        assert_eq!(intents(&app).await.len(), 1);

        let_time_pass(&app).await;
        let ran = app.host.invoke("reconcile_moves", json!({})).await.unwrap();
        assert_eq!(ran.logs, ["1 moves finished, 0 not"]);
        assert!(intents(&app).await.is_empty());
        let moved = projects(&app, &to).await;
        assert_eq!(moved.len(), 1);
        assert!(projects(&app, &from).await.is_empty());

        let again = app.host.invoke("reconcile_moves", json!({})).await.unwrap();
        assert_eq!(again.logs, ["0 moves finished, 0 not"]);
    }
}

#[tokio::test]
async fn a_move_that_is_done_but_not_forgotten_is_forgotten() {
    let app = Staged::start().await;
    let (from, to) = (workspace(&app).await, workspace(&app).await);
    let create = app.request(Method::POST, &format!("{from}/projects"));
    let created = create.json(&json!({"name": "P"})).send().await.unwrap();
    let project = created.headers()["location"].to_str().unwrap().to_owned();
    let not_forgotten = Fault {
        method: Some("DELETE".to_owned()),
        resource: Some(Resource::Item),
        status: Some(500),
        ..Fault::default()
    };
    app.emulator.inject(not_forgotten).unwrap();
    let start = app.request(Method::POST, &format!("{project}/move"));
    let body = json!({"targetWorkspaceId": to.rsplit('/').next()});
    let moved = start.json(&body).send().await.unwrap();
    assert_eq!(moved.status(), StatusCode::OK);
    app.emulator.clear_faults();

    let_time_pass(&app).await;
    app.host.invoke("reconcile_moves", json!({})).await.unwrap();
    assert!(intents(&app).await.is_empty());
    assert_eq!(projects(&app, &to).await.len(), 1);
}
