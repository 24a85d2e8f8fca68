//! Entra credentials for Cosmos DB: which identity is asked, and what becomes of its token.

use crate::app::{App, Handler};
use crate::identity::{Given, Identity, settings};
use crate::tls::Tls;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Form, Json, Router};
use cosmos_emulator::Emulator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

fn token_at_the_gateway(emulator: &Emulator) -> String {
    let header = emulator.last_authorization().unwrap();
    let header = percent_encoding::percent_decode_str(&header)
        .decode_utf8()
        .unwrap();
    let (_, token) = header.split_once("type=aad&ver=1.0&sig=").unwrap();
    token.to_owned()
}

async fn until_ready(handler: &Handler) {
    while handler.get("/api/health/ready").await.status != StatusCode::OK {}
}

#[tokio::test]
async fn the_identity_of_the_app_is_asked_for_the_right_thing_and_its_token_used() {
    for which in ["", "prod", "ManagedIdentityCredential"] {
        let identity = Identity::start(3_600).await;
        let mut app = App::on(
            Emulator::start().await.unwrap(),
            &settings(&identity, which),
        );
        app.user("ada").workspace().await;
        assert_eq!(token_at_the_gateway(&app.emulator), "token-1");
        let asked = identity.state.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 1, "one token for all requests");
        assert_eq!(asked[0]["client_id"], "client-7");
        assert_eq!(asked[0]["resource"], "https://cosmos.azure.com");
        assert_eq!(asked[0]["secret"], "shh");
        let (stdout, stderr) = app.handler.printed();
        let log = stdout + &stderr;
        assert!(!log.contains("token-1") && !log.contains("shh"), "{log}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    // Within the five minutes in which a token is renewed.
    let identity = Identity::start(200).await;
    let app = App::on(
        Emulator::start().await.unwrap(),
        &settings(&identity, "prod"),
    );
    let path = app.user("ada").workspace().await;
    let before = token_at_the_gateway(&app.emulator);
    // Nobody waits for the new token: it is there a moment later.
    while token_at_the_gateway(&app.emulator) == before {
        app.user("ada").get(&path).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn an_identity_that_hangs_keeps_nobody_waiting_while_the_token_is_good() {
    let identity = Identity::start(200).await;
    let mut settings = settings(&identity, "prod");
    settings.push(("REQUEST_TIMEOUT_SECONDS", "3"));
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    let path = app.user("ada").workspace().await;
    identity.state.hangs.store(true, SeqCst);
    for _ in 0..10 {
        app.user("ada").get(&path).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_good_token_outlives_an_outage_of_the_identity() {
    let identity = Identity::start(200).await;
    let app = App::on(
        Emulator::start().await.unwrap(),
        &settings(&identity, "prod"),
    );
    let path = app.user("ada").workspace().await;
    identity.state.is_down.store(true, SeqCst);
    for _ in 0..3 {
        app.user("ada").get(&path).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn without_a_token_storage_is_unavailable_until_there_is_one() {
    let identity = Identity::start(3_600).await;
    identity.state.is_down.store(true, SeqCst);
    let app = App::on(
        Emulator::start().await.unwrap(),
        &settings(&identity, "prod"),
    );
    app.user("ada")
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    let ready = app.handler.get("/api/health/ready").await.json.to_string();
    assert!(ready.contains("no credential gives a token"), "{ready}");
    identity.state.is_down.store(false, SeqCst);
    until_ready(&app.handler).await;
    app.user("ada").workspace().await;
}

#[tokio::test]
async fn a_workload_identity_exchanges_its_file_for_a_token() {
    let entra = Entra::start().await;
    let file = entra.folder.path().join("federated-token");
    std::fs::write(&file, "kubernetes-token").unwrap();
    let certificate = entra.folder.path().join("ca.pem");
    let settings = [
        ("COSMOS_KEY", ""),
        ("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential"),
        ("AZURE_CLIENT_ID", "client-7"),
        ("AZURE_TENANT_ID", "tenant-7"),
        ("AZURE_AUTHORITY_HOST", &entra.url),
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
        ("SSL_CERT_FILE", certificate.to_str().unwrap()),
    ];
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    app.user("ada").workspace().await;
    assert_eq!(token_at_the_gateway(&app.emulator), "token-1");
    let asked = entra.state.asked.lock().unwrap()[0].clone();
    assert_eq!(asked["client_id"], "client-7");
    assert_eq!(asked["client_assertion"], "kubernetes-token");
    assert_eq!(asked["scope"], "https://cosmos.azure.com/.default");
}

#[tokio::test]
async fn production_prefers_the_workload_identity_and_falls_back_to_the_managed_one() {
    let identity = Identity::start(3_600).await;
    let mut settings = settings(&identity, "prod");
    settings.push(("AZURE_FEDERATED_TOKEN_FILE", "/nowhere"));
    settings.push(("AZURE_TENANT_ID", "tenant-7"));
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    app.user("ada").workspace().await;
    assert_eq!(token_at_the_gateway(&app.emulator), "token-1");
}

#[cfg(unix)]
#[tokio::test]
async fn a_developer_is_known_by_the_azure_cli() {
    use std::os::unix::fs::PermissionsExt;
    let tools = tempfile::tempdir().unwrap();
    let az = tools.path().join("az");
    let answer =
        r#"{"accessToken": "token-of-az", "expires_on": 4102444800, "tokenType": "Bearer"}"#;
    std::fs::write(&az, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let settings = [
        ("COSMOS_KEY", ""),
        ("AZURE_TOKEN_CREDENTIALS", "dev"),
        ("PATH", &path),
    ];
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    app.user("ada").workspace().await;
    assert_eq!(token_at_the_gateway(&app.emulator), "token-of-az");
}

/// Entra's token endpoint. The SDK insists on TLS here, so there is a certificate to trust.
struct Entra {
    url: String,
    state: Arc<Given>,
    folder: tempfile::TempDir,
}

impl Entra {
    async fn start() -> Self {
        let listener = Tls::listen("127.0.0.1", "localhost").await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &listener.certificate).unwrap();
        let url = format!(
            "https://localhost:{}",
            listener.tcp.local_addr().unwrap().port()
        );
        let state = Arc::new(Given::default());
        state.lifetime.store(3_600, SeqCst);
        let router = Router::new()
            .route("/tenant-7/oauth2/v2.0/token", post(exchange))
            .with_state(Arc::clone(&state));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, state, folder }
    }
}

async fn exchange(
    State(given): State<Arc<Given>>,
    Form(asked): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    given.asked.lock().unwrap().push(asked);
    let token = given.token()?;
    let lifetime = given.lifetime.load(SeqCst);
    Ok(Json(
        json!({"access_token": token, "expires_in": lifetime, "token_type": "Bearer"}),
    ))
}
