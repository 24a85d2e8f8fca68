//! The route table, and what the handlers share.

use crate::cosmos::container::SharedContainer;
use crate::http::{health, problem, projects, request, workspaces};
use crate::service::continuation::Continuations;
use crate::settings::{AuthMode, Settings};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

/// Every path the process answers. `functions/` has a folder for each of those under `/api`.
#[must_use]
pub fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/", get(health::live)),
        ("/api/health/live", get(health::live)),
        ("/api/health/ready", get(health::ready)),
        (
            "/api/workspaces",
            post(workspaces::create).get(workspaces::list),
        ),
        (
            "/api/workspaces/{workspaceId}",
            get(workspaces::get)
                .patch(workspaces::update)
                .delete(workspaces::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/projects",
            post(projects::create).get(projects::list),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/{projectId}",
            get(projects::get)
                .patch(projects::update)
                .delete(projects::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/by-slug/{slug}",
            get(projects::get_by_slug),
        ),
    ]
}

/// The routes with what every answer goes through.
pub fn router(state: AppState) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            router.route(path, methods)
        })
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(state.clone(), request::answer))
        .with_state(state)
}

/// What the handlers share for the life of the process. Clones are cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    pub container: SharedContainer,
    pub continuations: Continuations,
    pub auth_mode: Option<AuthMode>,
    pub request_timeout: Duration,
    /// What is missing or wrong in the settings.
    pub problems: Arc<[String]>,
}

impl AppState {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            container: SharedContainer::new(settings.storage),
            continuations: Continuations::default(),
            auth_mode: settings.auth_mode,
            request_timeout: settings.request_timeout,
            problems: settings.problems.into(),
        }
    }

    /// Opens the container in the background, so that the first request finds it open.
    pub fn warm_up(&self) {
        let container = self.container.clone();
        if container.is_configured() {
            tokio::spawn(async move { container.get().await.map(drop) });
        }
    }
}
