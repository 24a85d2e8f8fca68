//! The one container of the process, opened on first use and shared by all requests.

use super::client::connect;
use super::error::StorageError;
use super::knowledge::Knowledge;
use crate::metrics;
use crate::settings::{CosmosSettings, StorageSettings};
use arc_swap::ArcSwap;
use azure_data_cosmos::{ContainerClient, CosmosError};
use custom_handler::telemetry::Causes;
use once_cell::sync::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tracing::Instrument;

/// Waits between attempts to open: doubled after each failure, up to the longest.
const SHORTEST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);
/// Given up after this, so that one lost packet does not hold every request to its deadline.
pub(super) const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// A container that is not what the client knows of it is reopened, but not more often than this.
const REOPEN_AFTER: Duration = Duration::from_secs(1);
/// Replicas do not lag behind every session for this long.
const NO_LAG: Duration = Duration::from_secs(5);
/// The states of the container, as metrics name them.
pub(crate) const STATES: [&str; 5] = [
    "open",
    "not-open",
    "failing",
    "not-configured",
    "misconfigured",
];

/// The container, once it is open; the state of opening it, before.
///
/// Reading an open container takes no lock. Concurrent first users wait for one attempt. A failed
/// attempt is answered from memory until its back-off has passed, and then made again.
#[derive(Debug, Clone)]
pub struct SharedContainer(pub(super) Arc<Inner>);

pub(super) struct Inner {
    settings: StorageSettings,
    current: ArcSwap<Cell>,
    last_attempt: Mutex<Option<FailedAttempt>>,
    /// Held while somebody looks whether the container was replaced.
    looking: Mutex<()>,
    /// The class of the last failure; `None` after a success.
    pub(super) failure: watch::Sender<Option<&'static str>>,
    pub(super) knowledge: Knowledge,
    reopening: AtomicBool,
}

/// The SDK's client has no `Debug`.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedContainer")
            .field("settings", &self.settings)
            .field("is_open", &self.current.load().open.get().is_some())
            .finish_non_exhaustive()
    }
}

/// Set once. When the container is replaced, so is the cell.
struct Cell {
    open: OnceCell<Known>,
    since: Instant,
}

/// A container, and by what it differs from another one of its name.
struct Known {
    client: ContainerClient,
    /// Read in the background: nobody waits for it.
    resource_id: OnceCell<Option<String>>,
}

impl Cell {
    fn new(open: Option<Known>) -> Self {
        Self {
            open: open.map_or_else(OnceCell::new, OnceCell::with_value),
            since: Instant::now(),
        }
    }
}

#[derive(Debug)]
struct FailedAttempt {
    error: StorageError,
    back_off: Duration,
    next: Instant,
}

impl SharedContainer {
    /// The container that `settings` name. It is opened when it is first needed.
    pub fn new(settings: StorageSettings) -> Self {
        let shared = Self(Arc::new(Inner {
            settings,
            current: ArcSwap::from_pointee(Cell::new(None)),
            last_attempt: Mutex::new(None),
            looking: Mutex::new(()),
            failure: watch::Sender::new(None),
            knowledge: Knowledge::default(),
            reopening: AtomicBool::new(false),
        }));
        let observed = shared.clone();
        metrics::observe_container(&STATES, move || observed.state());
        shared
    }

    /// Whether there are settings for it, be they right or wrong.
    pub fn is_configured(&self) -> bool {
        !matches!(self.0.settings, StorageSettings::NotConfigured)
    }

    /// What it is called: the database and the container.
    pub(super) fn names(&self) -> (&str, &str) {
        match &self.0.settings {
            StorageSettings::Configured(settings) => (&settings.database, &settings.container),
            _ => ("", ""),
        }
    }

    /// Which of [`STATES`] it is in.
    pub(crate) fn state(&self) -> &'static str {
        match &self.0.settings {
            StorageSettings::NotConfigured => "not-configured",
            StorageSettings::Misconfigured => "misconfigured",
            StorageSettings::Configured(_) if self.0.failure.borrow().is_some() => "failing",
            StorageSettings::Configured(_) if self.0.current.load().open.get().is_some() => "open",
            StorageSettings::Configured(_) => "not-open",
        }
    }

    /// Returns the client of the open container, opening it when needed. Clones of a client share all it has.
    ///
    /// An attempt outlives the request that started it: another one is not made because a caller
    /// hung up.
    ///
    /// # Errors
    /// The failure of the last attempt, with the time until the next one.
    pub async fn get(&self) -> Result<ContainerClient, StorageError> {
        if let Some(open) = self.0.current.load().open.get() {
            return Ok(open.client.clone());
        }
        let shared = self.clone();
        let open = async move { shared.open().await };
        let opened = tokio::spawn(open.instrument(tracing::info_span!("open container"))).await;
        opened.unwrap_or_else(|_panicked| Err(StorageError::unreachable("opening failed", None)))
    }

    /// Replicas that lag are no reason to lose every session: only another container is, or an account that was
    /// restored, whose container may have the same id and where nothing finds its session any more.
    pub(super) async fn reopen_if_replaced(&self) {
        let cell = self.0.current.load_full();
        let (Some(known), Ok(_looking)) = (cell.open.get(), self.0.looking.try_lock()) else {
            return;
        };
        let found = tokio::time::timeout(OPEN_TIMEOUT, resource_id(&known.client)).await;
        let is_lost_for_good = self.0.knowledge.session_lost_for() > NO_LAG;
        let Ok(Ok(now)) = found else { return };
        // One that nobody has identified yet is the one that was opened.
        let is_another = *known.resource_id.get_or_init(|| now.clone()) != now;
        if is_another || is_lost_for_good {
            self.reopen();
        }
    }

    /// Reopens the container in the background, unless that was done a moment ago. What is open stays in use
    /// meanwhile: a request that needs it is not kept from it, should storage be back.
    pub(super) fn reopen(&self) {
        let StorageSettings::Configured(settings) = &self.0.settings else {
            return;
        };
        let cell = self.0.current.load_full();
        let opened_before = cell.open.get().is_some() && cell.since.elapsed() > REOPEN_AFTER;
        if !opened_before || self.0.reopening.swap(true, Relaxed) {
            return;
        }
        tracing::warn!("container is reopened");
        let (shared, settings) = (self.clone(), settings.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(OPEN_TIMEOUT, open_container(&settings)).await {
                Ok(Ok(container)) => {
                    let cell = Arc::new(Cell::new(Some(container)));
                    tokio::spawn(identify(Arc::clone(&cell)));
                    shared.0.current.store(cell);
                }
                // The next operation that fails for the same reason has it tried again.
                Ok(Err(error)) => {
                    tracing::warn!(error = %Causes(&error), "container not reopened");
                    tokio::time::sleep(REOPEN_AFTER).await;
                }
                Err(_elapsed) => tracing::warn!("container not reopened in time"),
            }
            shared.0.reopening.store(false, Relaxed);
        });
    }

    async fn open(&self) -> Result<ContainerClient, StorageError> {
        let settings = match &self.0.settings {
            StorageSettings::Configured(settings) => settings,
            StorageSettings::NotConfigured => return Err(StorageError::NotConfigured),
            StorageSettings::Misconfigured => return Err(StorageError::Misconfigured),
        };
        let mut last = self.0.last_attempt.lock().await;
        let cell = self.0.current.load_full();
        if let Some(open) = cell.open.get() {
            return Ok(open.client.clone());
        }
        let now = Instant::now();
        if let Some(failed) = last.as_ref().filter(|failed| failed.next > now) {
            return Err(failed.error.clone().retry_in(failed.next - now));
        }
        let attempt = tokio::time::timeout(OPEN_TIMEOUT, open_container(settings)).await;
        let error = match attempt {
            Ok(Ok(container)) => {
                tracing::info!(elapsed_ms = now.elapsed().as_millis(), "container open");
                let client = container.client.clone();
                let _only_writer = cell.open.set(container);
                tokio::spawn(identify(cell));
                self.0.knowledge.renew();
                *last = None;
                return Ok(client);
            }
            Ok(Err(error)) => error,
            Err(_elapsed) => StorageError::unreachable("timed out", None),
        };
        tracing::warn!(error = %Causes(&error), "container not open");
        self.note(Some(&error));
        let failed = FailedAttempt::after(last.as_ref(), error);
        let error = failed.error.clone().retry_in(failed.back_off);
        *last = Some(failed);
        Err(error)
    }
}

impl FailedAttempt {
    fn after(last: Option<&Self>, error: StorageError) -> Self {
        let longer = |last: &Self| (last.back_off * 2).min(LONGEST_BACK_OFF);
        let back_off = last.map_or(SHORTEST_BACK_OFF, longer);
        Self {
            error,
            back_off,
            next: Instant::now() + back_off,
        }
    }
}

async fn open_container(settings: &CosmosSettings) -> Result<Known, StorageError> {
    let client = connect(settings).await?;
    Ok(Known {
        client,
        resource_id: OnceCell::new(),
    })
}

async fn identify(cell: Arc<Cell>) {
    if let Some(known) = cell.open.get()
        && let Ok(id) = resource_id(&known.client).await
    {
        let _only_writer = known.resource_id.set(id);
    }
}

async fn resource_id(container: &ContainerClient) -> Result<Option<String>, CosmosError> {
    let properties = container.read(None).await?.into_model()?;
    Ok(properties.system_properties.resource_id)
}
