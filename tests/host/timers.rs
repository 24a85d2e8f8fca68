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
async fn the_log_keeps_what_each_timer_says_and_no_other_line_of_a_function() {
    let app = Staged::start().await;
    let functions = app.host.functions().into_iter();
    let timers = functions.filter(|function| function.template().is_none());
    let mut said = Vec::new();
    for timer in timers.map(|function| function.name) {
        let ran = app.host.invoke(&timer, json!({})).await.unwrap();
        let logs = ran.logs.into_iter();
        said.extend(logs.map(|text| (format!("Function.{timer}.User"), text)));
    }
    let memberships = "0 memberships, workspaces and users finished, 0 not";
    assert!(said.iter().any(|(_, text)| text == memberships), "{said:?}");

    app.host.signal("-TERM").await.unwrap();
    let lines = app.host.logs().lines().into_iter();
    let kept = lines.filter(|line| line.category.starts_with("Function."));
    let kept: Vec<_> = kept.map(|line| (line.category, line.text)).collect();
    assert_eq!(kept, said);
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
