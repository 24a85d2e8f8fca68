//! The issuer's signing keys, found through its discovery document.
//!
//! Keys rotate without notice, so an unknown key id makes this look again, but not for every forged
//! token. While the issuer is out of reach, the keys that are known stay good.

use anyhow::{Context, bail, ensure};
use custom_handler::telemetry::Causes;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    issuer: String,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while keys are read: everybody else waits for the outcome.
    next: Mutex<NextRead>,
}

#[derive(Debug)]
struct Known {
    keys: HashMap<String, Arc<DecodingKey>>,
    read: Instant,
}

#[derive(Debug)]
struct NextRead {
    allowed: Instant,
    last_failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyError {
    /// The issuer does not have it.
    Unknown,
    Unavailable {
        retry_after: Duration,
    },
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    issuer: String,
    jwks_uri: String,
}

impl SigningKeys {
    pub(super) fn new(issuer: String) -> Self {
        Self {
            issuer,
            known: RwLock::default(),
            next: Mutex::new(NextRead {
                allowed: Instant::now(),
                last_failed: false,
            }),
        }
    }

    /// The key with this id, read from the issuer when it is not known here.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<DecodingKey>, KeyError> {
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
            Some(_) if !next.last_failed => KeyError::Unknown,
            _ => KeyError::Unavailable {
                retry_after: next.allowed.saturating_duration_since(Instant::now()),
            },
        })
    }

    async fn refresh(&self, next: &mut NextRead) {
        let read = tokio::time::timeout(FETCH_TIMEOUT, fetch(&self.issuer)).await;
        let read = read.unwrap_or_else(|elapsed| Err(elapsed.into()));
        next.last_failed = read.is_err();
        match read {
            Ok(keys) => {
                // The first read is nobody's fault: it does not count.
                let wait = self.known().map_or(Duration::ZERO, |_| INTERVAL);
                next.allowed = Instant::now() + wait;
                let read = Instant::now();
                *self.known.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(Arc::new(Known { keys, read }));
            }
            Err(error) => {
                next.allowed = Instant::now() + BACK_OFF;
                tracing::warn!(error = %Causes(error.as_ref()), "signing keys not read");
            }
        }
    }

    fn fresh(&self, id: &str) -> Option<Arc<DecodingKey>> {
        let known = self.known()?;
        let key = known.keys.get(id)?;
        (known.read.elapsed() < MAX_AGE).then(|| Arc::clone(key))
    }

    fn old(&self, id: &str) -> Option<Arc<DecodingKey>> {
        self.known()?.keys.get(id).cloned()
    }

    fn known(&self) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }
}

async fn fetch(issuer: &str) -> anyhow::Result<HashMap<String, Arc<DecodingKey>>> {
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    let base = issuer.trim_end_matches('/');
    let configuration: OpenIdConfiguration =
        get(&http, &format!("{base}/.well-known/openid-configuration")).await?;
    ensure!(
        configuration.issuer == issuer,
        "the issuer calls itself {}: AUTH_ISSUER must be that",
        configuration.issuer
    );
    let same_scheme = base.split_once(':').map(|(scheme, _)| scheme)
        == configuration
            .jwks_uri
            .split_once(':')
            .map(|(scheme, _)| scheme);
    ensure!(same_scheme, "jwks_uri is not https");
    let set: JwkSet = get(&http, &configuration.jwks_uri).await?;
    Ok(set.keys.iter().filter_map(signing_key).collect())
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
fn signing_key(key: &Jwk) -> Option<(String, Arc<DecodingKey>)> {
    let for_signatures = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let AlgorithmParameters::RSA(rsa) = &key.algorithm else {
        return None;
    };
    let id = key.common.key_id.clone().filter(|_| for_signatures)?;
    let key = DecodingKey::from_rsa_components(&rsa.n, &rsa.e).ok()?;
    Some((id, Arc::new(key)))
}
