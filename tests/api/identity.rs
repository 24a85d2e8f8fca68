//! The managed identity of an app, as App Service offers it.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use tokio::net::TcpListener;

/// The endpoint at which App Service gives an app tokens for its identity.
pub(crate) struct Identity {
    pub(crate) url: String,
    pub(crate) state: Arc<Given>,
}

#[derive(Default)]
pub(crate) struct Given {
    pub(crate) asked: Mutex<Vec<HashMap<String, String>>>,
    tokens: AtomicU64,
    pub(crate) is_down: AtomicBool,
    pub(crate) hangs: AtomicBool,
    /// How long tokens are good, in seconds.
    pub(crate) lifetime: AtomicU64,
}

impl Identity {
    pub(crate) async fn start(lifetime: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let state = Arc::new(Given::default());
        state.lifetime.store(lifetime, SeqCst);
        let router = Router::new()
            .route("/token", get(app_service))
            .with_state(Arc::clone(&state));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, state }
    }
}

/// <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>
async fn app_service(
    State(given): State<Arc<Given>>,
    Query(mut asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let secret = headers
        .get("x-identity-header")
        .ok_or(StatusCode::FORBIDDEN)?;
    asked.insert("secret".to_owned(), secret.to_str().unwrap().to_owned());
    given.asked.lock().unwrap().push(asked);
    if given.hangs.load(SeqCst) {
        std::future::pending::<()>().await;
    }
    given.token().map(|token| {
        Json(
            json!({"access_token": token, "expires_on": given.expires_on().to_string(),
            "resource": "r", "token_type": "Bearer"}),
        )
    })
}

impl Given {
    pub(crate) fn token(&self) -> Result<String, StatusCode> {
        if self.is_down.load(SeqCst) {
            return Err(StatusCode::BAD_REQUEST);
        }
        Ok(format!("token-{}", self.tokens.fetch_add(1, SeqCst) + 1))
    }

    fn expires_on(&self) -> u64 {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        now + self.lifetime.load(SeqCst)
    }
}

/// The settings of a handler that asks this identity.
pub(crate) fn settings<'a>(identity: &'a Identity, which: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("COSMOS_KEY", ""),
        ("AZURE_TOKEN_CREDENTIALS", which),
        ("AZURE_CLIENT_ID", "client-7"),
        ("IDENTITY_ENDPOINT", &identity.url),
        ("IDENTITY_HEADER", "shh"),
        ("RUST_LOG", "trace"),
    ]
}
