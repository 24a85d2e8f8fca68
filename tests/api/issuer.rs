//! A token issuer on loopback: its discovery document, signing keys, and tokens as Entra makes them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::SystemTime;

pub(crate) const AUDIENCE: &str = "api://cosmos-functions";
pub(crate) const TENANT: &str = "7a1c9d3e-0000-4000-8000-000000000000";

/// Made for these tests, by `openssl genpkey -algorithm RSA -outform DER`.
pub(crate) static KEYS: LazyLock<[KeyPair; 2]> = LazyLock::new(|| {
    let keys: [&[u8]; 2] = [
        include_bytes!("issuer/key-0.der"),
        include_bytes!("issuer/key-1.der"),
    ];
    keys.map(|key| KeyPair::from_der(key).unwrap())
});

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

pub(crate) fn sign_with(key_id: &str, key: &KeyPair, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": key_id});
    sign_under(&header, key, claims)
}

/// Signs claims under a header that says more than it must.
pub(crate) fn sign_with_crit(claims: &Value, crit: &[&str]) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "key-0", "crit": crit});
    sign_under(&header, &KEYS[0], claims)
}

fn sign_under(header: &Value, key: &KeyPair, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", BASE64.encode(signature))
}

/// A token up to its signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| BASE64.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn public_key(id: &str, key: &KeyPair) -> Value {
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
    json!({"kty": "RSA", "alg": "RS256", "kid": id, "n": BASE64.encode(n), "e": BASE64.encode(e)})
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
