//! The route table, and what the handlers share.

use crate::cosmos::container::{self, SharedContainer};
use crate::http::admission::Admission;
use crate::http::caller::Callers;
use crate::http::{self, problem, request};
use crate::service::continuation::Continuations;
use crate::service::memberships::Memberships;
use crate::settings::Settings;
use crate::{telemetry, triggers};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post, put};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// Every path the process answers. `functions/` has a folder for each: an HTTP trigger for those under
/// `/api`, any other trigger for those named as the folder.
#[must_use]
pub fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/", get(http::health::live)),
        ("/api/health/live", get(http::health::live)),
        ("/api/health/ready", get(http::health::ready)),
        ("/api/openapi.json", get(http::openapi::get)),
        ("/api/docs", get(http::docs::page)),
        ("/api/docs/{asset}", get(http::docs::asset)),
        ("/api/docs/problems/{code}", get(http::docs::problem)),
        (
            "/api/workspaces",
            post(http::workspaces::create).get(http::workspaces::list),
        ),
        (
            "/api/workspaces/{workspaceId}",
            get(http::workspaces::get)
                .patch(http::workspaces::update)
                .delete(http::workspaces::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/members/{userId}",
            put(http::members::save).delete(http::members::remove),
        ),
        (
            "/api/workspaces/{workspaceId}/projects",
            post(http::projects::create).get(http::projects::list),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/{projectId}",
            get(http::projects::get)
                .patch(http::projects::update)
                .delete(http::projects::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/by-slug/{slug}",
            get(http::projects::get_by_slug),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/{projectId}/move",
            post(http::projects::start_move),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/batch",
            post(http::projects::batch),
        ),
        (
            "/api/users/me",
            get(http::users::get_me).put(http::users::save_me),
        ),
        ("/api/users", get(http::users::find)),
        ("/reconcile_moves", post(triggers::reconcile_moves::run)),
    ]
}

/// The routes with what every answer goes through.
pub fn router(state: AppState) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            router.route(path, methods)
        })
        .fallback(triggers::no_such_route)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), request::answer))
        .with_state(state)
}

/// What the handlers share for the life of the process. Clones are cheap.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

/// What all clones of [`AppState`] are about.
#[derive(Debug)]
pub struct Shared {
    pub container: SharedContainer,
    pub continuations: Continuations,
    pub memberships: Memberships,
    pub callers: Callers,
    pub admission: Admission,
    pub request_timeout: Duration,
    /// Where the host reaches this process.
    pub port: u16,
    /// What is missing or wrong in the settings.
    pub problems: Vec<String>,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let container = SharedContainer::new(settings.storage);
        let observed = container.clone();
        telemetry::observe_container(&container::STATES, move || observed.state());
        Self(Arc::new(Shared {
            container,
            continuations: Continuations::default(),
            memberships: Memberships::default(),
            callers: Callers::new(settings.auth_mode),
            admission: Admission::default(),
            request_timeout: settings.request_timeout,
            port: settings.port,
            problems: settings.problems,
        }))
    }

    /// Opens the container in the background, so that the first request finds it open.
    pub fn warm_up(&self) {
        let container = self.container.clone();
        if container.is_configured() {
            tokio::spawn(async move { container.get().await.map(drop) });
        }
    }
}
