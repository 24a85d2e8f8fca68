//! What is answered when storage is not there, and that it is found again.

use crate::app::{App, Handler};
use cosmos_emulator::{Emulator, Options};
use reqwest::StatusCode;
use serde_json::json;

const SOME_ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

#[tokio::test]
async fn with_no_settings_at_all_it_runs_and_names_what_is_missing() {
    let mut handler = Handler::start(&[]);
    assert_eq!(handler.get("/").await.status, StatusCode::OK);
    assert_eq!(handler.get("/api/health/live").await.status, StatusCode::OK);
    let ready = handler.get("/api/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text("status"), "degraded");
    assert_eq!(
        ready.json["reasons"],
        json!([
            "COSMOS_ENDPOINT is missing",
            "COSMOS_DATABASE_NAME is missing",
            "COSMOS_CONTAINER_ID is missing",
            "AUTH_MODE is missing: protected routes answer 401",
        ])
    );
    handler
        .user("ada")
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    assert!(handler.is_running());
}

#[tokio::test]
async fn without_storage_lists_are_empty_reads_find_nothing_and_writes_are_refused() {
    let handler = Handler::start(&[("AUTH_MODE", "dev"), ("COSMOS_ENDPOINT", "<endpoint>")]);
    let ada = handler.user("ada");
    let workspace = format!("/api/workspaces/{SOME_ID}");
    let project = format!("{workspace}/projects/{SOME_ID}");
    let by_slug = format!("{workspace}/projects/by-slug/plan");
    for list in [
        "/api/workspaces".to_owned(),
        format!("{workspace}/projects"),
    ] {
        let empty = ada.get(&list).await.expect(StatusCode::OK);
        assert_eq!(empty.json, json!({"value": []}));
        assert_eq!(empty.header("x-degraded"), "storage-not-configured");

        ada.post(&list, json!({"name": "N"}))
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-not-configured");
    }
    for single in [&workspace, &project, &by_slug] {
        let missing = ada.get(single).await;
        let missing = missing.expect_problem(StatusCode::NOT_FOUND, "not-found");
        assert_eq!(missing.header("x-degraded"), "storage-not-configured");
    }
    for single in [&workspace, &project] {
        for write in [
            ada.patch(single, json!({"name": "N"})).await,
            ada.delete(single).await,
        ] {
            write.expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-not-configured");
        }
    }
}

#[tokio::test]
async fn a_key_for_a_remote_account_is_refused_by_name_and_not_shown() {
    let handler = Handler::start(&[
        ("COSMOS_ENDPOINT", "https://account.documents.azure.com"),
        ("COSMOS_DATABASE_NAME", "app"),
        ("COSMOS_CONTAINER_ID", "items"),
        ("COSMOS_KEY", "bWFya2Vk"),
        ("AUTH_MODE", "dev"),
    ]);
    let ready = handler.get("/api/health/ready").await.json.to_string();
    assert!(ready.contains("COSMOS_KEY is refused"), "{ready}");
    assert!(ready.contains("AUTH_MODE `dev` is refused"), "{ready}");
    assert!(!ready.contains("bWFya2Vk"));
    handler
        .user("ada")
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
}

/// Asks until the handler is ready again. It finds out by itself: nothing here restarts it.
pub(crate) async fn until_ready(handler: &Handler) {
    loop {
        if handler.get("/api/health/ready").await.status == StatusCode::OK {
            return;
        }
    }
}

#[tokio::test]
async fn a_gateway_that_is_down_at_the_start_is_found_when_it_comes_up() {
    let emulator = Emulator::start().await.unwrap();
    emulator.stop_listening().await.unwrap();
    let app = App::on(emulator, &[]);
    let ada = app.user("ada");
    for _ in 0..3 {
        ada.get("/api/workspaces")
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
        ada.post("/api/workspaces", json!({"name": "W"}))
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    }
    let ready = app.handler.get("/api/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let reasons = ready.json["reasons"].to_string();
    assert!(reasons.contains("storage cannot be reached"), "{reasons}");
    assert!(!reasons.contains("127.0.0.1"), "{reasons}");

    app.emulator.listen_again().unwrap();
    until_ready(&app.handler).await;
    app.user("ada").workspace().await;
}

#[tokio::test]
async fn a_gateway_that_goes_away_is_found_when_it_is_back() {
    let app = App::start().await;
    let path = app.user("ada").workspace().await;
    for _outage in 0..2 {
        app.emulator.stop_listening().await.unwrap();
        let ada = app.user("ada");
        ada.get(&path)
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
        ada.get("/api/workspaces")
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
        let ready = app.handler.get("/api/health/ready").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        app.emulator.listen_again().unwrap();
        // The first request already.
        app.user("ada").get(&path).await.expect(StatusCode::OK);
        until_ready(&app.handler).await;
    }
}

#[tokio::test]
async fn a_container_that_does_not_exist_is_a_degradation_not_a_404() {
    let emulator = Emulator::start().await.unwrap();
    let app = App::on(emulator, &[("COSMOS_CONTAINER_ID", "missing")]);
    app.user("ada")
        .get(&format!("/api/workspaces/{SOME_ID}"))
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    let ready = app.handler.get("/api/health/ready").await.json.to_string();
    assert!(ready.contains("container not found"), "{ready}");
}

#[tokio::test]
async fn a_container_that_was_replaced_is_opened_anew() {
    let app = App::start().await;
    let port = app
        .emulator
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    for _ in 0..3 {
        app.user("ada").workspace().await;
    }
    let App { handler, emulator } = app;
    drop(emulator);
    handler
        .user("ada")
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");

    // Another account at the same address: nothing the client remembers of the old one holds.
    let options = Options {
        port,
        ..Options::default()
    };
    let emulator = loop {
        if let Ok(emulator) = Emulator::start_with(options.clone()).await {
            break emulator;
        }
    };
    let app = App { handler, emulator };
    let ada = app.user("ada");
    while ada.get("/api/workspaces").await.status != StatusCode::OK {}
    let path = ada.workspace().await;
    ada.get(&path).await.expect(StatusCode::OK);
    app.handler
        .get("/api/health/ready")
        .await
        .expect(StatusCode::OK);
}
