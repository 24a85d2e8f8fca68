//! A token issuer on loopback: its discovery document, signing keys, and tokens as Entra makes them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::SystemTime;

pub(crate) const AUDIENCE: &str = "api://cosmos-functions";
pub(crate) const TENANT: &str = "7a1c9d3e-0000-4000-8000-000000000000";

/// Making an RSA key takes a while: all tests share these.
pub(crate) static KEYS: LazyLock<[EncodingKey; 2]> = LazyLock::new(|| [rsa_key(), rsa_key()]);

pub(crate) struct Issuer {
    pub(crate) url: String,
    served: Arc<Served>,
}

struct Served {
    issuer: Mutex<String>,
    url: String,
    keys: Mutex<Vec<Value>>,
    reads: AtomicU64,
    is_down: AtomicBool,
}

impl Issuer {
    /// Signs with the first key, named `key-0`.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::new(Served {
            issuer: Mutex::new(url.clone()),
            url: url.clone(),
            keys: Mutex::new(vec![public_key("key-0", &KEYS[0])]),
            reads: AtomicU64::new(0),
            is_down: AtomicBool::new(false),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route(
                "/{path}/.well-known/openid-configuration",
                get(configuration),
            )
            .route("/keys", get(keys))
            .with_state(Arc::clone(&served));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, served }
    }

    /// The settings of a handler that takes this issuer's tokens.
    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("AUTH_MODE", "jwt"),
            ("AUTH_ISSUER", &self.url),
            ("AUTH_AUDIENCE", AUDIENCE),
        ]
    }

    /// Claims of a good access token, version 2.
    pub(crate) fn claims(&self, oid: &str) -> Value {
        json!({
            "iss": self.url,
            "aud": AUDIENCE,
            "iat": now() - 10,
            "nbf": now() - 10,
            "exp": now() + 3_600,
            "oid": oid,
            "sub": format!("pairwise-{oid}"),
            "tid": TENANT,
            "name": format!("Name of {oid}"),
            "preferred_username": format!("{oid}@Contoso.example"),
            "scp": "access_as_user",
            "ver": "2.0",
        })
    }

    pub(crate) fn token(&self, oid: &str) -> String {
        sign(&self.claims(oid))
    }

    /// From now on only the second key is served, as `key-1`.
    pub(crate) fn rotate(&self) {
        *self.served.keys.lock().unwrap() = vec![public_key("key-1", &KEYS[1])];
    }

    /// Serves this beside its keys.
    pub(crate) fn add_entry(&self, entry: Value) {
        self.served.keys.lock().unwrap().insert(0, entry);
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.served.is_down.store(is_down, SeqCst);
    }

    pub(crate) fn call_itself(&self, issuer: &str) {
        issuer.clone_into(&mut self.served.issuer.lock().unwrap());
    }

    /// How often the signing keys were asked for.
    pub(crate) fn reads(&self) -> u64 {
        self.served.reads.load(SeqCst)
    }
}

/// Signs claims as the issuer does at first.
pub(crate) fn sign(claims: &Value) -> String {
    sign_with("key-0", &KEYS[0], claims)
}

pub(crate) fn sign_with(key_id: &str, key: &EncodingKey, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(key_id.to_owned());
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

/// Signs claims under a header that says more than it must.
pub(crate) fn sign_with_crit(claims: &Value, crit: &[&str]) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("key-0".to_owned());
    header.crit = Some(crit.iter().map(|name| (*name).to_owned()).collect());
    jsonwebtoken::encode(&header, claims, &KEYS[0]).unwrap()
}

pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn rsa_key() -> EncodingKey {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().unwrap();
    // PKCS #8 is PKCS #1 behind a header, which has this length for keys of this size.
    EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..])
}

fn public_key(id: &str, key: &EncodingKey) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    serde_json::to_value(jwk).unwrap()
}

async fn configuration(State(served): State<Arc<Served>>) -> Result<Json<Value>, StatusCode> {
    let issuer = served.issuer.lock().unwrap().clone();
    served.answer(json!({"issuer": issuer, "jwks_uri": format!("{}/keys", served.url)}))
}

async fn keys(State(served): State<Arc<Served>>) -> Result<Json<Value>, StatusCode> {
    served.reads.fetch_add(1, SeqCst);
    let keys = served.keys.lock().unwrap().clone();
    served.answer(json!({"keys": keys}))
}

impl Served {
    fn answer(&self, json: Value) -> Result<Json<Value>, StatusCode> {
        if self.is_down.load(SeqCst) {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        Ok(Json(json))
    }
}
