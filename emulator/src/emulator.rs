//! The emulator a test or a developer starts: its ports and its controls.

use crate::account::Account;
use crate::fault::{Fault, FaultId, FaultState};
use crate::gateway::{self, Gateway, MAX_BODY_BYTES};
use crate::kept::Data;
use crate::listener::{Listener, Region, reserve, reserve_any};
use crate::lock::lock;
use crate::management;
use crate::options::Options;
use crate::page;
use crate::recording::RecordedRequest;
use crate::requests::{RequestFilter, Requests};
use anyhow::{Context, anyhow};
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router};
use azure_core::http::Url;
use azure_data_cosmos_driver::in_memory_emulator::EmulatorStore;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// A Cosmos DB account on loopback. It ends, data and all, when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    gateway: Arc<Gateway>,
    regions: Vec<Region>,
    ports: Mutex<Ports>,
    keeping: Option<Keeping>,
}

/// Keeps the data in a folder until it is dropped.
#[derive(Debug)]
struct Keeping {
    folder: PathBuf,
    task: JoinHandle<()>,
}

impl Keeping {
    fn start(gateway: &Arc<Gateway>, folder: PathBuf) -> Self {
        let (gateway, to) = (Arc::clone(gateway), folder.clone());
        let task = tokio::spawn(async move { gateway.keep_up(&to).await });
        Self { folder, task }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
enum Ports {
    Listening(Vec<Listener>),
    /// Held, so that nobody takes them during an outage.
    Closed(Vec<TcpSocket>),
}

impl Emulator {
    /// Starts the account that [`Options::default`] describes.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// Errors when a port is taken or an option is out of its range.
    pub async fn start_with(options: Options) -> anyhow::Result<Self> {
        let (mut regions, mut sockets) = (Vec::new(), Vec::new());
        for (name, place) in options.regions.iter().zip(0..) {
            let socket = match options.port {
                0 => reserve_any()?,
                first => reserve(
                    first
                        .checked_add(place)
                        .context("there are not enough ports for the regions")?,
                )?,
            };
            let url = Url::parse(&format!("http://{}", socket.local_addr()?))?;
            let name = name.clone();
            regions.push(Region { name, url });
            sockets.push(socket);
        }
        let gateway = Arc::new(Gateway::new(Account::new(&regions, &options)?));
        let ports = Mutex::new(Ports::Closed(sockets));
        let mut emulator = Self {
            gateway,
            regions,
            ports,
            keeping: None,
        };
        emulator.create_database(&options.database).await?;
        emulator
            .create_container(&options.database, &options.container)
            .await?;
        if let Some(folder) = options.keep {
            emulator.load(&folder).await?;
            emulator.keeping = Some(Keeping::start(&emulator.gateway, folder));
        }
        emulator.listen_again()?;
        Ok(emulator)
    }

    async fn load(&self, folder: &Path) -> anyhow::Result<()> {
        let data = Data::read(folder)?;
        data.load(&self.gateway.account, &self.gateway.expiry).await
    }

    /// Writes all data to the folder of [`Options::keep`] now. Does nothing when there is none.
    pub async fn keep(&self) -> anyhow::Result<()> {
        match &self.keeping {
            Some(keeping) => self.gateway.keep(&keeping.folder).await,
            None => Ok(()),
        }
    }

    /// The endpoint to give to a client, as in `http://127.0.0.1:8081`: that of the first region.
    pub fn url(&self) -> String {
        self.regions.first().map(endpoint).unwrap_or_default()
    }

    /// The endpoint of one region.
    pub fn region_url(&self, name: &str) -> Option<String> {
        self.regions
            .iter()
            .find(|region| region.name == name)
            .map(endpoint)
    }

    /// The database itself, to split and merge partitions and to fail over between regions.
    pub fn store(&self) -> Arc<EmulatorStore> {
        self.gateway.account.store()
    }

    /// Errors when it already exists.
    pub async fn create_database(&self, database: &str) -> anyhow::Result<()> {
        self.gateway.account.create_database(database).await
    }

    /// Creates a container as `infra/container.json` defines it. Errors when it already exists.
    pub async fn create_container(&self, database: &str, container: &str) -> anyhow::Result<()> {
        self.gateway
            .account
            .create_container(database, container)
            .await
    }

    /// Creates a container as Cosmos DB's REST API defines one: with its `id` and its `partitionKey` at least.
    /// Errors when it already exists or the definition is wrong.
    pub async fn define_container(&self, database: &str, definition: &Value) -> anyhow::Result<()> {
        let account = &self.gateway.account;
        account.define_container(database, definition).await
    }

    /// Creates items, without requests that are counted. None may have a time to live.
    ///
    /// # Errors
    /// An item that is there already, or that the container does not take.
    pub async fn fill(
        &self,
        database: &str,
        container: &str,
        items: impl IntoIterator<Item = Value>,
    ) -> anyhow::Result<()> {
        let account = &self.gateway.account;
        account.fill(database, container, items).await
    }

    /// Begins an outage: no port answers and all connections are closed when this returns. Data
    /// and ports are kept. Errors when another program has got hold of a port.
    pub async fn stop_listening(&self) -> anyhow::Result<()> {
        let ports = std::mem::replace(&mut *lock(&self.ports), Ports::Closed(Vec::new()));
        let mut sockets = Vec::new();
        match ports {
            Ports::Closed(closed) => sockets = closed,
            Ports::Listening(listeners) => {
                for listener in listeners {
                    sockets.push(reserve(listener.stop().await)?);
                }
            }
        }
        *lock(&self.ports) = Ports::Closed(sockets);
        Ok(())
    }

    /// Ends an outage, on the same ports.
    pub fn listen_again(&self) -> anyhow::Result<()> {
        let mut ports = lock(&self.ports);
        let Ports::Closed(sockets) = &mut *ports else {
            return Ok(());
        };
        let listeners = std::mem::take(sockets)
            .into_iter()
            .zip(&self.regions)
            .map(|(socket, region)| {
                let connections = self.gateway.requests.connections();
                Listener::start(socket, self.router(region), connections)
            })
            .collect::<anyhow::Result<_>>()?;
        *ports = Ports::Listening(listeners);
        Ok(())
    }

    /// Adds a fault; it lasts until it is removed. Errors name the field that is wrong.
    pub fn inject(&self, fault: Fault) -> anyhow::Result<FaultId> {
        let state = self
            .gateway
            .inject(fault)
            .map_err(|message| anyhow!(message))?;
        Ok(state.id)
    }

    pub fn faults(&self) -> Vec<FaultState> {
        self.gateway.faults.states()
    }

    /// Waits until a fault has fired `times` times. Returns false when it is removed before.
    pub async fn fired(&self, fault: FaultId, times: u32) -> bool {
        self.gateway.faults.fired(fault, times).await.is_some()
    }

    /// Removes a fault and lets go of the requests it holds. Returns whether it was there.
    pub fn remove_fault(&self, fault: FaultId) -> bool {
        self.gateway.faults.remove(fault)
    }

    pub fn clear_faults(&self) {
        self.gateway.faults.clear();
    }

    /// All requests so far, by what they were about.
    pub fn requests(&self) -> Requests {
        self.requests_matching(&RequestFilter::default())
    }

    pub fn requests_matching(&self, filter: &RequestFilter) -> Requests {
        self.gateway.requests.matching(filter)
    }

    /// Request units (RU) charged in all.
    pub fn request_charge(&self) -> f64 {
        self.requests().request_charge
    }

    /// What the latest request had as its `Authorization`, to test credentials with. It is not
    /// checked here, and HTTP does not show it.
    pub fn last_authorization(&self) -> Option<String> {
        self.gateway.requests.last_authorization()
    }

    /// Resets the counts of requests, charges and connections.
    pub fn reset_requests(&self) {
        self.gateway.requests.reset();
    }

    /// Keeps every request to items from now on.
    pub fn start_recording(&self) {
        self.gateway.recording.start();
    }

    /// Keeps no more. Returns what was kept, in the order of arrival.
    pub fn stop_recording(&self) -> Vec<RecordedRequest> {
        self.gateway.recording.stop()
    }

    /// Lets items expire as if that much time had passed. Their `_ts` stays what it is.
    pub fn advance_clock(&self, by: Duration) {
        self.gateway.expiry.advance_clock(by);
    }

    fn router(&self, region: &Region) -> Router {
        Router::new()
            .nest("/_emulator", management::router())
            .merge(page::router())
            .fallback(gateway::answer)
            .layer(Extension(region.clone()))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(Arc::clone(&self.gateway))
    }
}

fn endpoint(region: &Region) -> String {
    region.url.as_str().trim_end_matches('/').to_owned()
}
