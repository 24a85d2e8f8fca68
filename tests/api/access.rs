//! Every route for every kind of caller. A route without a row, that is no entity's either, fails the test: those of
//! entities are in `conformance`.

use crate::app::{Answer, App, Handler};
use crate::issuer::{Issuer, KEYS, now, sign, sign_with};
use cosmos_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

enum Access {
    /// Everybody, whatever they bring: the status.
    Open(u16),
    /// 401 for whoever is not known; the statuses for stranger, viewer, editor and owner.
    Protected([u16; 4]),
}
use Access::{Open, Protected};

/// `{projectId}` and `{slug}` are a private project of the workspace, `{userId}` is its viewer.
const ROWS: &[(&str, &str, Access)] = &[
    ("GET", "/api/docs", Open(200)),
    ("GET", "/api/docs/{asset}", Open(404)),
    ("GET", "/api/docs/problems/{code}", Open(404)),
    ("GET", "/api/openapi.json", Open(200)),
    ("GET", "/", Open(200)),
    ("GET", "/api/health/live", Open(200)),
    ("GET", "/api/health/ready", Open(200)),
    (
        "GET",
        "/api/workspaces/{workspaceId}/members",
        Protected([404, 200, 200, 200]),
    ),
    (
        "GET",
        "/api/workspaces/{workspaceId}/members/{userId}",
        Protected([404, 200, 200, 200]),
    ),
    (
        "PUT",
        "/api/workspaces/{workspaceId}/members/{userId}",
        Protected([404, 403, 403, 200]),
    ),
    // The viewer leaves.
    (
        "DELETE",
        "/api/workspaces/{workspaceId}/members/{userId}",
        Protected([404, 204, 403, 204]),
    ),
    (
        "GET",
        "/api/workspaces/{workspaceId}/projects/by-slug/{slug}",
        Protected([404, 200, 200, 200]),
    ),
    // `{target}` is another workspace with the same members.
    (
        "POST",
        "/api/workspaces/{workspaceId}/projects/{projectId}/move?target={target}",
        Protected([404, 403, 200, 200]),
    ),
    (
        "POST",
        "/api/workspaces/{workspaceId}/projects/batch",
        Protected([404, 403, 200, 200]),
    ),
    // Only the host gets in.
    ("POST", "/reconcile_memberships", Open(404)),
    ("POST", "/reconcile_moves", Open(404)),
    ("GET", "/api/users/me", Protected([200, 200, 200, 200])),
    ("PUT", "/api/users/me", Protected([200, 200, 200, 200])),
    ("DELETE", "/api/users/me", Protected([204, 204, 204, 409])),
];
/// It needs its parameter.
const FIND_USERS: (&str, &str, Access) = (
    "GET",
    "/api/users?email=a@contoso.example",
    Protected([200, 200, 200, 200]),
);

const CALLERS: [&str; 4] = ["stranger", "viewer", "editor", "owner"];

async fn ask(handler: &Handler, token: Option<&str>, method: &str, path: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let body = match (&method, path) {
        (_, path) if path.contains("/members/") => json!({"role": "viewer"}),
        (_, path) if path.contains("/move") => {
            json!({"targetWorkspaceId": path.rsplit('=').next()})
        }
        (_, path) if path.ends_with("/batch") => {
            json!({"operations": [{"op": "create", "project": {"name": "One"}}]})
        }
        (&Method::PUT, _) => json!({"displayName": "Somebody"}),
        _ => json!({"name": "Renamed"}),
    };
    let mut request = handler.request(method.clone(), path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if method != Method::GET && method != Method::DELETE {
        request = request.json(&body);
    }
    Answer::of(request).await
}

/// A workspace with a member of each role; its id.
async fn workspace(handler: &Handler, issuer: &Issuer) -> String {
    let owner = issuer.token("owner");
    let made = ask(handler, Some(&owner), "POST", "/api/workspaces").await;
    for role in ["viewer", "editor"] {
        let member = format!("{}/members/{role}", made.location());
        let request = handler.request(Method::PUT, &member).bearer_auth(&owner);
        let added = Answer::of(request.json(&json!({"role": role}))).await;
        assert_eq!(added.status, 201);
    }
    made.text("id").to_owned()
}

/// The path with ids in it: of a workspace with members and a private project.
async fn prepare(handler: &Handler, issuer: &Issuer, path: &str) -> String {
    let workspace_id = workspace(handler, issuer).await;
    let projects = format!("/api/workspaces/{workspace_id}/projects");
    let request = handler.request(Method::POST, &projects);
    let request = request.bearer_auth(issuer.token("owner"));
    let body = json!({"name": "Secret", "visibility": "private"});
    let project = Answer::of(request.json(&body)).await;
    let mut target = String::new();
    if path.contains("{target}") {
        target = workspace(handler, issuer).await;
    }
    path.replace("{workspaceId}", &workspace_id)
        .replace("{projectId}", project.text("id"))
        .replace("{slug}", project.text("slug"))
        .replace("{userId}", "viewer")
        .replace("{target}", &target)
}

async fn start() -> (Issuer, App) {
    let issuer = Issuer::start().await;
    let app = App::on(Emulator::start().await.unwrap(), &issuer.settings());
    for caller in CALLERS {
        let token = issuer.token(caller);
        let saved = ask(&app.handler, Some(&token), "PUT", "/api/users/me").await;
        assert_eq!(saved.status, 201);
    }
    while app.handler.get("/api/health/ready").await.status != 200 {}
    (issuer, app)
}

#[tokio::test]
async fn every_route_has_a_row() {
    let (_issuer, app) = start().await;
    let mut routes = BTreeSet::new();
    for path in cosmos_functions::app::routes()
        .iter()
        .map(|route| route.path)
    {
        // No route takes this method, so the answer tells which it takes.
        let refused = ask(&app.handler, None, "TRACE", path).await;
        for method in refused.header("allow").split(',').filter(|m| *m != "HEAD") {
            routes.insert((method.to_owned(), path.to_owned()));
        }
    }
    let rows = ROWS.iter().chain([&FIND_USERS]).map(|(method, path, _)| {
        let path = path.split('?').next().unwrap();
        ((*method).to_owned(), path.to_owned())
    });
    let mut covered: BTreeSet<_> = rows.collect();
    covered.extend(crate::conformance::routes());
    assert_eq!(routes, covered);
}

#[tokio::test]
async fn every_route_answers_every_caller_as_its_row_says() {
    let (issuer, app) = start().await;
    for (method, path, access) in ROWS.iter().chain([&FIND_USERS]) {
        for (index, caller) in CALLERS.iter().enumerate() {
            let path = prepare(&app.handler, &issuer, path).await;
            let token = issuer.token(caller);
            let answer = ask(&app.handler, Some(&token), method, &path).await;
            let expected = match access {
                Open(status) => *status,
                Protected(statuses) => statuses[index],
            };
            assert_eq!(
                answer.status, expected,
                "{method} {path} as {caller}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_is_not_known_gets_401_on_every_protected_route() {
    let (issuer, app) = start().await;
    let changed = |name: &str, value: Value| {
        let mut claims = issuer.claims("owner");
        claims[name] = value;
        claims
    };
    let tokens = [
        None,
        Some(String::new()),
        Some(sign(&changed("iss", json!("https://login.example")))),
        Some(sign(&changed("aud", json!("api://another")))),
        Some(sign(&changed("exp", json!(now() - 3_600)))),
        Some(sign_with("key-0", &KEYS[1], &issuer.claims("owner"))),
    ];
    for (method, path, access) in ROWS.iter().chain([&FIND_USERS]) {
        let path = prepare(&app.handler, &issuer, path).await;
        for token in &tokens {
            let answer = ask(&app.handler, token.as_deref(), method, &path).await;
            match access {
                Open(status) => assert_eq!(answer.status, *status, "{path}"),
                Protected(_) => assert_eq!(answer.status, 401, "{method} {path} {token:?}"),
            }
        }
    }
}
