//! Timers: what runs them, and what they say.

use crate::staged::Staged;
use cosmos_emulator::{Fault, Resource};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_run_that_cannot_reach_storage_fails_its_invocation() {
    let app = Staged::start().await;
    let down = Fault {
        resource: Some(Resource::Query),
        status: Some(503),
        ..Fault::default()
    };
    app.emulator.inject(down).unwrap();
    let failure = app
        .host
        .invoke("reconcile_memberships", json!({}))
        .await
        .unwrap_err();
    assert_eq!(failure.status, Some(StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test]
async fn the_log_keeps_what_the_timer_says_and_no_other_line_of_a_function() {
    let app = Staged::start().await;
    app.host
        .invoke("reconcile_memberships", json!({}))
        .await
        .unwrap();
    app.host.signal("-TERM").await.unwrap();
    let lines = app.host.logs().lines();
    let mut of_functions = lines
        .iter()
        .filter(|line| line.category.starts_with("Function."));
    let said = of_functions.next().unwrap();
    assert_eq!(said.category, "Function.reconcile_memberships.User");
    assert_eq!(
        said.text,
        "0 memberships, workspaces and users finished, 0 not"
    );
    assert!(of_functions.next().is_none(), "{lines:?}");
}

#[tokio::test]
async fn anonymous_callers_cannot_run_the_timer() {
    let app = Staged::start().await;
    for path in [
        "/api/health/%252E%252E/%252E%252E/reconcile_memberships",
        "/api/docs/..%5C..%5Creconcile_memberships",
        "/api/docs/..%2F..%2Freconcile_memberships",
        "/reconcile_memberships",
    ] {
        let answer = app.request(Method::POST, path).send().await.unwrap();
        let refused = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(refused.contains(&answer.status()), "{path}");
        let body = answer.text().await.unwrap();
        assert!(!body.contains("users finished"), "{path}: {body}");
    }
}
