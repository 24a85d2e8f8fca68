//! The credential for the account: a key on loopback, Entra ID anywhere.
//!
//! `azure_identity` has no chain with the meanings of `AZURE_TOKEN_CREDENTIALS`, so this is one.

use super::error::{NO_TOKEN, StorageError};
use crate::settings::{CosmosSettings, CredentialSettings, EntraCredential};
use arc_swap::ArcSwapOption;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions};
use azure_core::time::{Duration, OffsetDateTime};
use azure_data_cosmos::{AccountEndpoint, AccountReference};
use azure_identity::{
    AzureCliCredential, AzureDeveloperCliCredential, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use custom_handler::telemetry::Causes;
use custom_handler::tls;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

/// A token is renewed this long before it expires, as `azure_identity` does.
const RENEW_BEFORE: Duration = Duration::minutes(5);
/// While tokens cannot be renewed and the last one is still good, it is tried this often.
const RENEW_AGAIN: Duration = Duration::seconds(10);
/// A token that expires sooner than this is not used for another request.
const GOOD_FOR: Duration = Duration::seconds(30);
/// How long a token is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// Where no platform offers an identity, the address for virtual machines is asked, and given up soon.
const PROBE: std::time::Duration = std::time::Duration::from_secs(1);

/// Returns the account with its credential. Nothing is sent yet.
pub(super) fn account(settings: &CosmosSettings) -> Result<AccountReference, StorageError> {
    let endpoint = AccountEndpoint::from(settings.endpoint.clone());
    Ok(match &settings.credential {
        CredentialSettings::Key(key) => {
            AccountReference::with_authentication_key(endpoint, key.clone())
        }
        CredentialSettings::Entra {
            try_in_order,
            client_id,
        } => {
            let chain = Chain::new(try_in_order, client_id.as_deref()).map_err(no_token)?;
            AccountReference::with_credential(endpoint, Arc::new(chain))
        }
    })
}

/// Asks for a token once, as the account's client does. Returns what gave it; `None`: a key needs none.
///
/// # Errors
/// The reasons of all credentials, if none gives a token.
pub async fn giving_a_token(
    settings: &CosmosSettings,
) -> Result<Option<EntraCredential>, StorageError> {
    Ok(token(settings).await?.map(|(credential, _)| credential))
}

/// What the account takes as the `Authorization` of a request; `None`: a key signs each request on its own.
///
/// # Errors
/// The reasons of all credentials, if none gives a token.
pub async fn authorization(settings: &CosmosSettings) -> Result<Option<String>, StorageError> {
    let token = token(settings).await?;
    Ok(token.map(|(_, token)| {
        let text = format!("type=aad&ver=1.0&sig={}", token.token.secret());
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }))
}

async fn token(
    settings: &CosmosSettings,
) -> Result<Option<(EntraCredential, AccessToken)>, StorageError> {
    let CredentialSettings::Entra {
        try_in_order,
        client_id,
    } = &settings.credential
    else {
        return Ok(None);
    };
    let Chain(links) = Chain::new(try_in_order, client_id.as_deref()).map_err(no_token)?;
    let token = links.renew(SCOPE).await.map_err(no_token)?;
    let chosen = links.chosen.get();
    Ok(chosen.map(|chosen| (links.credentials[*chosen].which, token)))
}

fn no_token(error: Error) -> StorageError {
    StorageError::unreachable(NO_TOKEN, Some(error.into()))
}

const NOT_OFFERED: EntraCredential = EntraCredential::ManagedIdentity { offered: false };

/// What the SDK asks for.
const SCOPE: &str = "https://cosmos.azure.com/.default";

/// Tries credentials in order. The first that gives a token is the one from then on.
#[derive(Debug, Clone)]
struct Chain(Arc<Links>);

#[derive(Debug)]
struct Links {
    credentials: Vec<Link>,
    chosen: OnceLock<usize>,
    current: ArcSwapOption<Current>,
    /// Held while a token is got: one at a time.
    renewing: Mutex<()>,
}

#[derive(Debug)]
struct Link {
    which: EntraCredential,
    credential: Arc<dyn TokenCredential>,
    /// Whether it may not exist here.
    is_probe: bool,
}

#[derive(Debug)]
struct Current {
    token: AccessToken,
    renew_at: OffsetDateTime,
}

impl Chain {
    /// Errors when none of them can be used here, with the reasons.
    fn new(which: &[EntraCredential], client_id: Option<&str>) -> azure_core::Result<Self> {
        tls::install();
        let (mut credentials, mut reasons) = (Vec::new(), Vec::new());
        for one in which {
            match credential(*one, client_id) {
                Ok(credential) => credentials.push(Link {
                    which: *one,
                    credential,
                    is_probe: which.len() > 1 && *one == NOT_OFFERED,
                }),
                Err(error) => reasons.push(error),
            }
        }
        if credentials.is_empty() {
            return none_of(&reasons);
        }
        Ok(Self(Arc::new(Links {
            credentials,
            chosen: OnceLock::new(),
            current: <_>::default(),
            renewing: Mutex::default(),
        })))
    }
}

impl Links {
    fn keep(&self, token: AccessToken, renew_at: OffsetDateTime) -> AccessToken {
        let current = Current {
            token: token.clone(),
            renew_at,
        };
        self.current.store(Some(Arc::new(current)));
        token
    }

    async fn ask(&self, scopes: &[&str]) -> azure_core::Result<AccessToken> {
        if let Some(chosen) = self.chosen.get() {
            return self.credentials[*chosen].ask(scopes).await;
        }
        let mut reasons = Vec::new();
        for (index, link) in self.credentials.iter().enumerate() {
            match link.ask(scopes).await {
                Ok(token) => {
                    self.chosen.get_or_init(|| index);
                    return Ok(token);
                }
                Err(error) => reasons.push(error),
            }
        }
        none_of(&reasons)
    }

    /// Gets a new token, unless somebody else did meanwhile. A failure leaves the last one in use for as
    /// long as it is good.
    async fn renew(&self, scope: &str) -> azure_core::Result<AccessToken> {
        let _renewing = self.renewing.lock().await;
        let last = self.current.load_full();
        if let Some(current) = last.as_ref().filter(|last| last.is_fresh()) {
            return Ok(current.token.clone());
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(&[scope])).await;
        match asked.unwrap_or_else(|_elapsed| failed("the identity endpoint does not answer")) {
            Ok(token) => {
                let renew_at = token.expires_on - RENEW_BEFORE;
                Ok(self.keep(token, renew_at))
            }
            Err(error) => {
                let last = last.filter(|last| last.is_good()).ok_or(error)?;
                let renew_at = OffsetDateTime::now_utc() + RENEW_AGAIN;
                Ok(self.keep(last.token.clone(), renew_at))
            }
        }
    }
}

impl Link {
    async fn ask(&self, scopes: &[&str]) -> azure_core::Result<AccessToken> {
        let asked = self.credential.get_token(scopes, None);
        if !self.is_probe {
            return asked.await;
        }
        let asked = tokio::time::timeout(PROBE, asked).await;
        asked.unwrap_or_else(|_elapsed| {
            failed("ManagedIdentityCredential: no identity is offered here")
        })
    }
}

impl Current {
    fn is_fresh(&self) -> bool {
        OffsetDateTime::now_utc() < self.renew_at
    }

    fn is_good(&self) -> bool {
        OffsetDateTime::now_utc() + GOOD_FOR < self.token.expires_on
    }
}

#[async_trait::async_trait]
impl TokenCredential for Chain {
    /// The SDK asks for every request, and always for the same scope.
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let Chain(links) = self;
        let scope = scopes.first().copied().unwrap_or_default();
        match links.current.load_full() {
            Some(current) if current.is_fresh() => Ok(current.token.clone()),
            // Nobody waits for the next token while this one is good.
            Some(current) if current.is_good() => {
                let (links, scope) = (Arc::clone(links), scope.to_owned());
                if links.renewing.try_lock().is_ok() {
                    tokio::spawn(async move { links.renew(&scope).await.map(drop) });
                }
                Ok(current.token.clone())
            }
            _ => links.renew(scope).await,
        }
    }
}

fn credential(
    which: EntraCredential,
    client_id: Option<&str>,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let client_id = client_id.map(ToOwned::to_owned);
    Ok(match which {
        EntraCredential::WorkloadIdentity => {
            let options = WorkloadIdentityCredentialOptions {
                client_id,
                ..Default::default()
            };
            WorkloadIdentityCredential::new(Some(options))?
        }
        EntraCredential::ManagedIdentity { .. } => {
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(UserAssignedId::ClientId),
                client_options: ClientOptions {
                    // By default a token is asked for during a minute: longer than any request waits for it.
                    retry: RetryOptions::exponential(ExponentialRetryOptions {
                        max_retries: 2,
                        ..Default::default()
                    }),
                    ..Default::default()
                },
            };
            ManagedIdentityCredential::new(Some(options))?
        }
        EntraCredential::AzureCli => AzureCliCredential::new(None)?,
        EntraCredential::AzureDeveloperCli => AzureDeveloperCliCredential::new(None)?,
    })
}

fn none_of<T>(reasons: &[Error]) -> azure_core::Result<T> {
    let reasons = reasons.iter().map(|reason| Causes(reason).to_string());
    failed(reasons.collect::<Vec<_>>().join("; "))
}

fn failed<T>(message: impl Into<Cow<'static, str>>) -> azure_core::Result<T> {
    Err(Error::with_message(ErrorKind::Credential, message))
}
