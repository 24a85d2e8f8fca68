//! The route table.

use crate::projects::moves::timer;
use crate::state::AppState;
use crate::{members, projects, users, workspaces};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{from_fn_with_state, map_request};
use axum::routing::{MethodRouter, get, post, put};
use custom_handler::envelope::OwnPort;
use custom_handler::unproxied;
use rest::problem::Problem;
use rest::{docs, health, problem, request, uri};

/// 404. A host that does not proxy is noticed here, by what it sends.
async fn no_such_route(
    State(port): State<OwnPort>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Problem {
    unproxied::notice(&method, &uri, &headers, port);
    Problem::no_such_route()
}

/// Every path the process answers. `functions/` has a folder for each: an HTTP trigger for those under
/// `/api`, any other trigger for those named as the folder.
#[must_use]
pub fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/", get(health::live)),
        ("/api/health/live", get(health::live)),
        ("/api/health/ready", get(health::ready)),
        ("/api/openapi.json", get(docs::contract)),
        ("/api/docs", get(docs::page)),
        ("/api/docs/{asset}", get(docs::asset)),
        ("/api/docs/problems/{code}", get(docs::problem)),
        (
            "/api/workspaces",
            post(workspaces::http::create).get(workspaces::http::list),
        ),
        (
            "/api/workspaces/{workspaceId}",
            get(workspaces::http::get)
                .patch(workspaces::http::update)
                .delete(workspaces::http::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/members/{userId}",
            put(members::http::save).delete(members::http::remove),
        ),
        (
            "/api/workspaces/{workspaceId}/projects",
            post(projects::http::create).get(projects::http::list),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/{projectId}",
            get(projects::http::get)
                .patch(projects::http::update)
                .delete(projects::http::delete),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/by-slug/{slug}",
            get(projects::http::get_by_slug),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/{projectId}/move",
            post(projects::http::start_move),
        ),
        (
            "/api/workspaces/{workspaceId}/projects/batch",
            post(projects::http::batch),
        ),
        (
            "/api/users/me",
            get(users::http::get_me).put(users::http::save_me),
        ),
        ("/api/users", get(users::http::find)),
        ("/reconcile_moves", post(timer::run)),
    ]
}

/// The routes with what every answer goes through.
pub fn router(state: AppState) -> Router {
    let routes = routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| {
            router.route(path, methods)
        })
        .fallback(no_such_route)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(state.edge(), request::answer))
        .with_state(state);
    // Before routing, so that a path may be written in any of its forms.
    Router::new()
        .fallback_service(routes)
        .layer(map_request(async |request| uri::normalized(request)))
}
