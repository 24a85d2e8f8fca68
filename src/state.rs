//! What the handlers share.

use crate::members::cache::Memberships;
use crate::settings::Settings;
use axum::extract::FromRef;
use cosmos_store::container::SharedContainer;
use custom_handler::admission::Admission;
use custom_handler::envelope::OwnPort;
use rest::caller::Callers;
use rest::edge::{Edge, Shared};
use rest::openapi::Contract;

/// What the handlers share for the life of the process. Clones are cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    edge: Edge,
    /// Where the host reaches this process.
    port: OwnPort,
    pub memberships: Memberships,
}

impl FromRef<AppState> for Edge {
    fn from_ref(state: &AppState) -> Self {
        state.edge()
    }
}

impl FromRef<AppState> for OwnPort {
    fn from_ref(state: &AppState) -> Self {
        state.port
    }
}

impl AppState {
    pub fn new(settings: Settings, contract: &'static Contract) -> Self {
        Self {
            edge: Edge::new(Shared {
                container: SharedContainer::new(settings.storage),
                callers: Callers::new(settings.auth_mode),
                admission: Admission::default(),
                request_timeout: settings.process.request_timeout,
                problems: settings.problems,
                contract,
            }),
            port: OwnPort(settings.process.port),
            memberships: Memberships::default(),
        }
    }

    /// What the edge shares.
    pub fn edge(&self) -> Edge {
        self.edge.clone()
    }

    /// Opens the container in the background, so that the first request finds it open.
    pub fn warm_up(&self) {
        let container = self.edge.container.clone();
        if container.is_configured() {
            tokio::spawn(async move { container.get().await.map(drop) });
        }
    }
}
