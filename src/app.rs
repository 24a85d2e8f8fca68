//! The route table.

use crate::members::{http as members, timer as memberships_timer};
use crate::problems;
use crate::projects::batch::http as batches;
use crate::projects::http as projects;
use crate::projects::moves::{http as moves, timer as moves_timer};
use crate::state::AppState;
use crate::users::http as users;
use crate::workspaces::http as workspaces;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use custom_handler::envelope::OwnPort;
use custom_handler::unproxied;
use rest::openapi::Route;
use rest::problem::Problem;
use rest::problem_type as kinds;
use rest::{docs, health, problem, request};

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
#[expect(clippy::too_many_lines, reason = "a table")]
#[rustfmt::skip]
pub fn routes() -> Vec<Route<AppState>> {
    vec![
        Route::unlisted("/", get(health::live)),
        Route::new("health", "/api/health/live")
            .get(health::live, "isLive", "Tell whether the process runs"),
        Route::new("health", "/api/health/ready")
            .get(health::ready, "isReady", "Tell whether requests can be carried out"),
        Route::unlisted("/api/openapi.json", get(docs::contract)),
        Route::unlisted("/api/docs", get(docs::page)),
        Route::unlisted("/api/docs/{asset}", get(docs::asset)),
        Route::unlisted("/api/docs/problems/{code}", get(docs::problem)),

        Route::new("workspaces", "/api/workspaces")
            .post(workspaces::create, "createWorkspace", "Create a workspace")
            .get(workspaces::list, "listWorkspaces", "List the workspaces I belong to"),
        Route::new("workspaces", "/api/workspaces/{workspaceId}")
            .get(workspaces::get, "getWorkspace", "Read a workspace (members)")
            .patch(workspaces::update, "updateWorkspace", "Change a workspace (owners)")
            .delete(workspaces::delete, "deleteWorkspace", "Delete a workspace that is empty (owners)")
            .may_answer(&[&problems::WORKSPACE_NOT_EMPTY]),
        Route::new("members", "/api/workspaces/{workspaceId}/members")
            .get(members::list, "listMembers", "List the members of a workspace (members)"),
        Route::new("members", "/api/workspaces/{workspaceId}/members/{userId}")
            .get(members::get, "getMember", "Read a member (members)")
            .put(members::save, "saveMember", "Give somebody a role (owners)")
            .may_answer(&[&problems::LAST_OWNER, &problems::TOO_MANY_OWNERS])
            .delete(members::remove, "removeMember", "End a membership (owners; everybody their own)")
            .may_answer(&[&problems::LAST_OWNER, &problems::ROLE_TOO_LOW]),

        Route::new("projects", "/api/workspaces/{workspaceId}/projects")
            .post(projects::create, "createProject", "Create a project (editors)")
            .get(projects::list, "listProjects", "List the projects of a workspace (members)"),
        Route::new("projects", "/api/workspaces/{workspaceId}/projects/{projectId}")
            .get(projects::get, "getProject", "Read a project (members; everybody if it is public)")
            .patch(projects::update, "updateProject", "Change a project (editors)")
            .may_answer(&[&problems::MOVING])
            .delete(projects::delete, "deleteProject", "Delete a project (editors)")
            .may_answer(&[&problems::MOVING]),
        Route::new("projects", "/api/workspaces/{workspaceId}/projects/by-slug/{slug}")
            .get(projects::get_by_slug, "getProjectBySlug", "Read a project by its slug"),
        Route::new("projects", "/api/workspaces/{workspaceId}/projects/{projectId}/move")
            .post(moves::start, "moveProject", "Move a project to another workspace (editors of both)")
            .may_answer(&[&problems::MOVING]),
        Route::new("projects", "/api/workspaces/{workspaceId}/projects/batch")
            .post(batches::execute, "batchProjects", "Change several projects, all or none (editors)")
            .may_answer(&[&problems::MOVING, &kinds::PRECONDITION_FAILED]),

        Route::new("users", "/api/users/me")
            .get(users::get_me, "getMe", "Read my profile")
            .may_answer(&[&kinds::NOT_FOUND])
            .put(users::save_me, "saveMe", "Create or replace my profile")
            .delete(users::erase_me, "eraseMe", "Erase my profile and end my memberships")
            .may_answer(&[&problems::LAST_OWNER]),
        Route::new("users", "/api/users")
            .get(users::find, "findUsers", "Find users by their exact email address"),

        Route::unlisted("/reconcile_memberships", post(memberships_timer::run)),
        Route::unlisted("/reconcile_moves", post(moves_timer::run)),
    ]
}

/// The routes with what every answer goes through.
pub fn router(state: AppState) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path, route.handlers)
        })
        .fallback(no_such_route)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(state.edge(), request::answer))
        .with_state(state)
}
