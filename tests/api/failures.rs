//! What is answered when storage refuses or fails.

use crate::app::{Answer, App};
use crate::degradation::until_ready;
use cosmos_emulator::{Fault, Resource};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn every_failure_of_storage_has_its_answer_and_shows_in_the_health() {
    let app = App::start().await;
    let path = app.user("ada").workspace().await;
    for (status, sub_status) in [
        (401, None),
        (403, Some(5_300)),
        (404, Some(1_003)),
        (408, None),
        (410, Some(1_002)),
        (500, None),
        (503, None),
    ] {
        let fault = Fault {
            status: Some(status),
            sub_status,
            ..Fault::default()
        };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        fails(&app, &path, &fault, unavailable, "storage-unavailable").await;
    }
}

#[tokio::test]
async fn throttling_is_waited_for_within_the_deadline_and_then_told() {
    // Half of the deadline goes to waiting.
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "6")]).await;
    let path = app.another().user("ada").workspace().await;
    until_ready(&app.handler).await;
    let fault = Fault {
        status: Some(429),
        sub_status: Some(3_200),
        retry_after_ms: Some(6_500),
        ..Fault::default()
    };
    let throttled = StatusCode::TOO_MANY_REQUESTS;
    for answer in fails(&app, &path, &fault, throttled, "throttled").await {
        assert_eq!(answer.header("retry-after"), "7");
    }
}

/// Reads, lists and writes while storage fails with this. Returns the answers.
async fn fails(
    app: &App,
    workspace: &str,
    fault: &Fault,
    status: StatusCode,
    code: &str,
) -> Vec<Answer> {
    let ada = app.user("ada");
    let mut answers = Vec::new();
    for resource in [Resource::Item, Resource::Query, Resource::Batch] {
        let fault = Fault {
            resource: Some(resource),
            ..fault.clone()
        };
        app.emulator.inject(fault).unwrap();
        let answer = match resource {
            Resource::Item => ada.get(workspace).await,
            Resource::Query => ada.get("/api/workspaces").await,
            _ => ada.post("/api/workspaces", json!({"name": "W"})).await,
        };
        answers.push(answer.expect_problem(status, code));
        if resource == Resource::Item {
            let ready = app.handler.get("/api/health/ready").await;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(ready.text("status"), "degraded");
        }
        app.emulator.clear_faults();
        until_ready(&app.handler).await;
    }
    answers
}

#[tokio::test]
async fn a_full_partition_is_a_problem_of_its_own() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let full = Fault {
        resource: Some(Resource::Batch),
        status: Some(403),
        sub_status: Some(1_014),
        ..Fault::default()
    };
    app.emulator.inject(full).unwrap();
    let refused = ada.post("/api/workspaces", json!({"name": "W"})).await;
    let refused = refused.expect_problem(StatusCode::INSUFFICIENT_STORAGE, "partition-full");
    assert!(!refused.headers.contains_key("retry-after"));
    ada.get(&workspace).await.expect(StatusCode::OK);
    app.handler
        .get("/api/health/ready")
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn a_batch_that_storage_does_not_take_is_a_mistake_of_ours() {
    let app = App::start().await;
    let wrong = Fault {
        resource: Some(Resource::Batch),
        status: Some(400),
        ..Fault::default()
    };
    app.emulator.inject(wrong).unwrap();
    let failed = app
        .user("ada")
        .post("/api/workspaces", json!({"name": "W"}))
        .await;
    failed.expect_problem(StatusCode::INTERNAL_SERVER_ERROR, "internal");
}
