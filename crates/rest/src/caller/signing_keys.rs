//! The issuer's signing keys, found through its discovery document.
//!
//! Keys rotate without notice, so an unknown key id makes this look again, but not for every forged
//! token. While the issuer is out of reach, the keys that are known stay good.

use crate::auth_settings::{ANY_TENANT, JwtSettings};
use anyhow::{Context, bail, ensure};
use custom_handler::telemetry::Causes;
use custom_handler::tls;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// An unknown key id makes this look again at most once in this time.
const INTERVAL: Duration = Duration::from_mins(1);
/// Keys are read again after this, so that withdrawn ones are dropped. Entra advises every 24 hours.
const MAX_AGE: Duration = Duration::from_hours(24);
/// After a failure, the issuer is left alone for this time.
const BACK_OFF: Duration = Duration::from_secs(2);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Entra's key set has about 20 KB.
const MAX_DOCUMENT: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct SigningKeys {
    pub(super) settings: JwtSettings,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while keys are read: everybody else waits for the outcome.
    next: Mutex<NextRead>,
}

/// A key, and the issuer that it is kept for where an address has keys of several.
#[derive(Debug)]
pub(super) struct SigningKey {
    pub(super) key: DecodingKey,
    issuer: Option<String>,
}

impl SigningKey {
    /// Whether it signs tokens of this issuer.
    pub(super) fn is_of(&self, issuer: &str, tenant: &str) -> bool {
        let kept_for = self.issuer.as_ref();
        kept_for.is_none_or(|kept_for| kept_for.replace(ANY_TENANT, tenant) == issuer)
    }
}

type Keys = HashMap<String, Arc<SigningKey>>;

#[derive(Debug)]
struct Known {
    keys: Keys,
    read: Instant,
}

#[derive(Debug)]
struct NextRead {
    allowed: Instant,
    /// Why the last one failed; `None` if it did not.
    failure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyError {
    /// The issuer does not have it.
    Unknown,
    Unavailable {
        retry_after: Duration,
    },
}

/// Entries may be of any kind, also of one that is not known here (RFC 7517, section 5).
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    issuer: String,
    jwks_uri: String,
}

impl SigningKeys {
    pub(super) fn new(settings: JwtSettings) -> Self {
        Self {
            settings,
            known: RwLock::default(),
            next: Mutex::new(NextRead {
                allowed: Instant::now(),
                failure: None,
            }),
        }
    }

    /// The key with this id, read from the issuer when it is not known here.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<SigningKey>, KeyError> {
        if let Some(key) = self.fresh(id) {
            return Ok(key);
        }
        let mut next = match (self.next.try_lock(), self.old(id)) {
            (Ok(next), _) => next,
            // Somebody looks already. An old key is good until they are done.
            (Err(_), Some(old)) => return Ok(old),
            (Err(_), None) => self.next.lock().await,
        };
        if let Some(key) = self.fresh(id) {
            return Ok(key);
        }
        if next.allowed <= Instant::now() {
            self.refresh(&mut next).await;
        }
        self.old(id).ok_or_else(|| match self.known() {
            Some(_) if next.failure.is_none() => KeyError::Unknown,
            _ => KeyError::Unavailable {
                retry_after: next.allowed.saturating_duration_since(Instant::now()),
            },
        })
    }

    /// Whether keys are known that are not too old, reading them if they are not.
    pub(super) async fn check(&self) -> Result<(), String> {
        let is_fresh = |known: Arc<Known>| known.read.elapsed() < MAX_AGE;
        if self.known().is_some_and(is_fresh) {
            return Ok(());
        }
        let mut next = self.next.lock().await;
        if next.allowed <= Instant::now() {
            self.refresh(&mut next).await;
        }
        match &next.failure {
            Some(error) => Err(format!(
                "the signing keys of AUTH_ISSUER cannot be had: {error}"
            )),
            None => Ok(()),
        }
    }

    async fn refresh(&self, next: &mut NextRead) {
        let read = fetch_in_time(&self.settings).await;
        match read {
            Ok(keys) => {
                // The first read is nobody's fault: it does not count.
                let wait = self.known().map_or(Duration::ZERO, |_| INTERVAL);
                next.allowed = Instant::now() + wait;
                next.failure = None;
                let read = Instant::now();
                *self.known.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(Arc::new(Known { keys, read }));
            }
            Err(error) => {
                next.allowed = Instant::now() + BACK_OFF;
                let error = Causes(error.as_ref()).to_string();
                tracing::warn!(error, "signing keys not read");
                next.failure = Some(error);
            }
        }
    }

    fn fresh(&self, id: &str) -> Option<Arc<SigningKey>> {
        let known = self.known()?;
        let key = known.keys.get(id)?;
        (known.read.elapsed() < MAX_AGE).then(|| Arc::clone(key))
    }

    fn old(&self, id: &str) -> Option<Arc<SigningKey>> {
        self.known()?.keys.get(id).cloned()
    }

    fn known(&self) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }
}

/// Reads the discovery document and the keys it names.
pub(super) async fn fetch_in_time(settings: &JwtSettings) -> anyhow::Result<Keys> {
    let read = tokio::time::timeout(FETCH_TIMEOUT, fetch(settings)).await;
    read.unwrap_or_else(|_elapsed| bail!("the issuer did not answer in time"))
}

async fn fetch(settings: &JwtSettings) -> anyhow::Result<Keys> {
    tls::install();
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    let issuer = &settings.issuer;
    let below = issuer
        .trim_end_matches('/')
        .replace(ANY_TENANT, "organizations");
    let below = || format!("{below}/.well-known/openid-configuration");
    let url = settings.metadata_url.clone().unwrap_or_else(below);
    let configuration: OpenIdConfiguration = get(&http, &url).await?;
    let called = &configuration.issuer;
    ensure!(
        called == issuer || *called == settings.issuer_template(),
        "the issuer calls itself {called}: AUTH_ISSUER must be that"
    );
    let scheme = |url: &str| url.split_once(':').map(|(scheme, _)| scheme.to_owned());
    ensure!(
        scheme(&url) == scheme(&configuration.jwks_uri),
        "jwks_uri is not https"
    );
    let set: KeySet = get(&http, &configuration.jwks_uri).await?;
    let keys: Keys = set.keys.into_iter().filter_map(signing_key).collect();
    ensure!(
        !keys.is_empty(),
        "{} has no RSA key for signatures",
        configuration.jwks_uri
    );
    Ok(keys)
}

/// Reads a JSON document of bounded size.
async fn get<T: DeserializeOwned>(http: &reqwest::Client, url: &str) -> anyhow::Result<T> {
    let mut response = http.get(url).send().await?.error_for_status()?;
    let mut document = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        document.extend_from_slice(&chunk);
        if document.len() > MAX_DOCUMENT {
            bail!("{url} has more than {MAX_DOCUMENT} bytes");
        }
    }
    serde_json::from_slice(&document).with_context(|| format!("{url} cannot be read"))
}

/// An RSA key for signatures, by its id; others in the set are not ours to use.
fn signing_key(entry: Value) -> Option<(String, Arc<SigningKey>)> {
    let issuer = entry
        .get("issuer")
        .and_then(Value::as_str)
        .map(ToOwned::to_owned);
    let key: Jwk = serde_json::from_value(entry).ok()?;
    let for_signatures = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let AlgorithmParameters::RSA(rsa) = &key.algorithm else {
        return None;
    };
    let id = key.common.key_id.clone().filter(|_| for_signatures)?;
    let key = DecodingKey::from_rsa_components(&rsa.n, &rsa.e).ok()?;
    Some((id, Arc::new(SigningKey { key, issuer })))
}
