//! What the edge shares for the life of the process.

use super::caller::Callers;
use super::openapi::Contract;
use cosmos_store::container::SharedContainer;
use custom_handler::admission::Admission;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// Shared by all requests. Clones are cheap.
///
/// The state of a router has one if `Edge: FromRef<State>`: that is what the extractors of this crate ask for.
#[derive(Debug, Clone)]
pub struct Edge(Arc<Shared>);

/// What all clones of [`Edge`] share.
#[derive(Debug)]
pub struct Shared {
    /// Where items are stored.
    pub container: SharedContainer,
    /// Recognises callers.
    pub callers: Callers,
    /// Limits how many requests run at the same time.
    pub admission: Admission,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// What is missing or wrong in the settings.
    pub problems: Vec<String>,
    /// What the app offers.
    pub contract: &'static Contract,
}

impl Edge {
    /// Shares `shared`.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Edge {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
