//! What is known of a request from its start.

use super::edge::Edge;
use super::identity::UserId;
use axum::extract::{FromRef, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use cosmos_store::container::SharedContainer;
use cosmos_store::items::Items;
use cosmos_store::usage::Usage;
use custom_handler::invocation;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// What is known of a request from its start.
#[derive(Debug, Clone)]
pub struct Context {
    container: SharedContainer,
    pub(super) usage: Arc<Usage>,
    pub(super) deadline: Instant,
    /// Names the request: the host's id of the invocation, which a repeat by the host has, too.
    pub invocation: Arc<str>,
    /// Who called, once that is known.
    pub(super) caller: Arc<OnceLock<UserId>>,
}

impl Context {
    pub(super) fn new(edge: &Edge, headers: &HeaderMap, started: Instant) -> Self {
        Self {
            container: edge.container.clone(),
            usage: Arc::default(),
            deadline: started + edge.request_timeout,
            invocation: invocation::id(headers),
            caller: Arc::default(),
        }
    }

    /// Returns the items that the request reaches, within its deadline and charged to it.
    pub fn items(&self) -> Items {
        let usage = Arc::clone(&self.usage);
        Items::new(self.container.clone(), usage, self.deadline)
    }

    /// Remembers who called, for the log.
    pub(super) fn is_called_by(&self, caller: &UserId) {
        self.caller.get_or_init(|| caller.clone());
    }
}

impl<S: Sync> FromRequestParts<S> for Context
where
    Edge: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known
            .unwrap_or_else(|| Self::new(&Edge::from_ref(state), &parts.headers, Instant::now())))
    }
}

/// The id of this invocation.
pub(super) fn invocation_of(request: &Request) -> Arc<str> {
    let context = request.extensions().get::<Context>();
    context.map_or_else(
        || invocation::id(request.headers()),
        |context| Arc::clone(&context.invocation),
    )
}
