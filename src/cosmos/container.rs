//! The one container of the process, opened on first use and shared by all requests.

use super::credential;
use super::error::StorageError;
use crate::settings::{CosmosSettings, StorageSettings};
use crate::telemetry::Causes;
use azure_data_cosmos::options::{
    ConnectionPoolOptions, Region, ServerCertificateValidation, UserAgentSuffix,
};
use azure_data_cosmos::{
    ContainerClient, CosmosClient, CosmosError, CosmosRuntime, RoutingStrategy,
};
use once_cell::sync::OnceCell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};

/// Waits between attempts to open: doubled after each failure, up to the longest.
const SHORTEST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);
/// Given up after this, so that one lost packet does not hold every request to its deadline.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The container, once it is open; the state of opening it, before.
///
/// Reading an open container takes no lock. Concurrent first users wait for one attempt. A failed
/// attempt is answered from memory until its back-off has passed, and then made again.
#[derive(Debug, Clone)]
pub struct SharedContainer(Arc<Inner>);

struct Inner {
    settings: StorageSettings,
    open: OnceCell<ContainerClient>,
    last_attempt: Mutex<Option<FailedAttempt>>,
    /// The class of the last failure; `None` after a success.
    failure: watch::Sender<Option<&'static str>>,
}

/// The SDK's client has no `Debug`.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedContainer")
            .field("settings", &self.settings)
            .field("is_open", &self.open.get().is_some())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct FailedAttempt {
    error: StorageError,
    back_off: Duration,
    next: Instant,
}

impl SharedContainer {
    #[must_use]
    pub fn new(settings: StorageSettings) -> Self {
        Self(Arc::new(Inner {
            settings,
            open: OnceCell::new(),
            last_attempt: Mutex::new(None),
            failure: watch::Sender::new(None),
        }))
    }

    #[must_use]
    pub fn is_configured(&self) -> bool {
        !matches!(self.0.settings, StorageSettings::NotConfigured)
    }

    /// Returns the open container, opening it when needed.
    ///
    /// An attempt outlives the request that started it: another one is not made because a caller
    /// hung up.
    pub async fn get(&self) -> Result<&ContainerClient, StorageError> {
        if let Some(container) = self.0.open.get() {
            return Ok(container);
        }
        let shared = self.clone();
        let opened = tokio::spawn(async move { shared.open().await }).await;
        opened
            .unwrap_or_else(|_panicked| Err(StorageError::unreachable("opening failed", None)))?;
        self.0.open.get().ok_or(StorageError::Misconfigured)
    }

    /// Whether storage works: `Err` has the class of what does not.
    ///
    /// After a failure the container's properties are read, so that the answer is about now.
    pub async fn check(&self) -> Result<(), StorageError> {
        let container = self.get().await?;
        if self.0.failure.borrow().is_none() {
            return Ok(());
        }
        let read = tokio::time::timeout(OPEN_TIMEOUT, container.read(None)).await;
        let checked = match read {
            Ok(answer) => answer.map(drop).map_err(StorageError::from),
            Err(_elapsed) => Err(StorageError::TimedOut { source: None }),
        };
        self.note(checked.as_ref().err());
        checked
    }

    /// Remembers how the last operation went, for [`SharedContainer::check`].
    pub(super) fn note(&self, error: Option<&StorageError>) {
        let class = error.and_then(StorageError::failure_class);
        if *self.0.failure.borrow() != class {
            self.0.failure.send_replace(class);
        }
    }

    async fn open(&self) -> Result<(), StorageError> {
        let settings = match &self.0.settings {
            StorageSettings::Configured(settings) => settings,
            StorageSettings::NotConfigured => return Err(StorageError::NotConfigured),
            StorageSettings::Misconfigured => return Err(StorageError::Misconfigured),
        };
        let mut last = self.0.last_attempt.lock().await;
        if self.0.open.get().is_some() {
            return Ok(());
        }
        let now = Instant::now();
        if let Some(failed) = last.as_ref().filter(|failed| failed.next > now) {
            return Err(failed.error.clone().retry_in(failed.next - now));
        }
        let attempt = tokio::time::timeout(OPEN_TIMEOUT, connect(settings)).await;
        let error = match attempt {
            Ok(Ok(container)) => {
                tracing::info!(elapsed_ms = now.elapsed().as_millis(), "container open");
                let _only_writer = self.0.open.set(container);
                *last = None;
                self.note(None);
                return Ok(());
            }
            Ok(Err(error)) => error,
            Err(_elapsed) => StorageError::unreachable("timed out", None),
        };
        let back_off = last.as_ref().map_or(SHORTEST_BACK_OFF, |failed| {
            (failed.back_off * 2).min(LONGEST_BACK_OFF)
        });
        tracing::warn!(error = %Causes(&error), "container not open");
        self.note(Some(&error));
        *last = Some(FailedAttempt {
            error: error.clone(),
            back_off,
            next: Instant::now() + back_off,
        });
        Err(error.retry_in(back_off))
    }
}

async fn connect(settings: &CosmosSettings) -> Result<ContainerClient, StorageError> {
    let account = credential::account(settings)?;
    // TLS is verified unless the endpoint is on loopback, as emulators sign their own certificate.
    let pool = ConnectionPoolOptions::builder()
        .with_server_certificate_validation(ServerCertificateValidation::RequiredUnlessEmulator)
        .build()?;
    let runtime = CosmosRuntime::builder()
        .with_connection_pool(pool)
        .build()
        .await?;
    let routing = match &settings.region {
        Some(region) => RoutingStrategy::ProximityTo(Region::from(region.clone())),
        None => RoutingStrategy::PreferredRegions(Vec::new()),
    };
    let mut builder = CosmosClient::builder().with_runtime(runtime);
    if let Ok(suffix) = UserAgentSuffix::try_from("cosmos-functions") {
        builder = builder.with_user_agent_suffix(suffix);
    }
    let client = builder.build(account, routing).await.map_err(cannot_open)?;
    client
        .database_client(settings.database.clone())
        .container_client(settings.container.clone(), None)
        .await
        .map_err(cannot_open)
}

/// While opening, "not found" is the database or the container, never an item.
fn cannot_open(error: CosmosError) -> StorageError {
    match StorageError::from(error.clone()) {
        StorageError::NotFound => {
            StorageError::unreachable("container not found", Some(error.into()))
        }
        StorageError::Unexpected(_) => {
            StorageError::unreachable("unexpected answer", Some(error.into()))
        }
        StorageError::TimedOut { .. } => StorageError::unreachable("timed out", Some(error.into())),
        other => other,
    }
}
