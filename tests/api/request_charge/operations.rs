//! Every operation of the route table, with what makes its cost differ.
//!
//! Names, texts and numbers are fixed, and ids and times always have the same length: a run costs what
//! every other costs.

use super::batches::batches;
use super::meter::Meter;
use super::moves::moves;
use super::projects::projects;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub(super) const NOBODY: Value = Value::Null;

pub(crate) async fn run(meter: &mut Meter<'_>) {
    without_storage(meter).await;
    workspaces(meter).await;
    my_workspaces(meter).await;
    members(meter).await;
    many_members(meter).await;
    projects(meter).await;
    moves(meter).await;
    batches(meter).await;
    users(meter).await;
    timer(meter).await;
}

async fn without_storage(meter: &mut Meter<'_>) {
    for path in [
        "/",
        "/api/health/live",
        "/api/health/ready",
        "/api/openapi.json",
        "/api/docs",
        "/api/docs/swagger-ui.css",
        "/api/docs/problems/not-found",
    ] {
        meter.get("", path).await;
    }
}

async fn workspaces(meter: &mut Meter<'_>) {
    let body = json!({"name": "Workspace"});
    let made = meter.twice("", "/api/workspaces", body).await.location();
    meter.get("", &made).await;
    meter.not_modified(&made).await;
    let patch = json!({"name": "Renamed"});
    meter.ada("", Method::PATCH, &made, patch).await;
    let nothing = json!({});
    meter
        .ada("empty patch", Method::PATCH, &made, nothing)
        .await;
    meter.ada("", Method::DELETE, &made, NOBODY).await;
}

/// Of users who have no others: where their workspaces are must not make a difference.
async fn my_workspaces(meter: &mut Meter<'_>) {
    let cyd = meter.app.user("cyd");
    let list = "/api/workspaces";
    let none = cyd.request(Method::GET, list);
    meter.measure("none", none).await.expect(StatusCode::OK);
    for _ in 0..21 {
        cyd.workspace().await;
    }
    let page = cyd.request(Method::GET, list);
    let page = meter.measure("20 of 21", page).await;
    let next = cyd.request(Method::GET, page.text("nextLink"));
    let next = meter.measure("the next page", next).await;
    assert_eq!(next.json["value"].as_array().unwrap().len(), 1);
}

async fn members(meter: &mut Meter<'_>) {
    let workspace = meter.app.user("ada").workspace().await;
    let member = format!("{workspace}/members/bob");
    for (case, role) in [("a new member", "viewer"), ("another role", "editor")] {
        let body = json!({"role": role});
        meter.ada(case, Method::PUT, &member, body).await;
    }
    meter.get("", &member).await;
    meter.not_modified(&member).await;
    meter
        .get("2 members", &format!("{workspace}/members"))
        .await;
    meter.ada("", Method::DELETE, &member, NOBODY).await;
    let (case, body) = ("one more owner", json!({"role": "owner"}));
    meter.ada(case, Method::PUT, &member, body).await;
}

/// So that it has 100.
pub(super) async fn add_members(meter: &Meter<'_>, workspace: &str) {
    let ada = meter.app.user("ada");
    for number in 2..=100 {
        let member = format!("{workspace}/members/member-{number:03}");
        let added = ada.put(&member, json!({"role": "viewer"})).await;
        added.expect(StatusCode::CREATED);
    }
}

async fn many_members(meter: &mut Meter<'_>) {
    let workspace = meter.app.user("ada").workspace().await;
    add_members(meter, &workspace).await;
    meter.forget(&workspace).await;
    meter.get("one of 100", &workspace).await;
    let members = format!("{workspace}/members");
    for (case, query) in [
        ("20 of 100", ""),
        ("`role`", "?role=viewer"),
        ("`orderBy=role`", "?orderBy=role"),
        ("`orderBy=-userId`", "?orderBy=-userId"),
    ] {
        let page = meter.get(case, &format!("{members}{query}")).await;
        assert_eq!(page.json["value"].as_array().unwrap().len(), 20);
    }
}

async fn users(meter: &mut Meter<'_>) {
    let me = "/api/users/me";
    for (case, name) in [("a new profile", "Ada"), ("a known one", "Ada L.")] {
        let body = json!({"displayName": name});
        meter.ada(case, Method::PUT, me, body).await;
    }
    meter.get("", me).await;
    meter.not_modified(me).await;
    let find = "/api/users?email=ada@example.com";
    meter.get("", find).await;
    meter.get("nobody", "/api/users?email=no@example.com").await;
    for user in ["gil", "hal"] {
        meter.app.user(user).put(me, json!({})).await;
    }
    let erased = meter.app.user("gil").request(Method::DELETE, me);
    let erased = meter.measure("a member of nothing", erased).await;
    erased.expect(StatusCode::NO_CONTENT);
    let member = format!("{}/members/hal", meter.app.user("ada").workspace().await);
    meter
        .app
        .user("ada")
        .put(&member, json!({"role": "viewer"}))
        .await;
    let erased = meter.app.user("hal").request(Method::DELETE, me);
    let erased = meter.measure("a member of one workspace", erased).await;
    erased.expect(StatusCode::NO_CONTENT);
}

async fn timer(meter: &mut Meter<'_>) {
    let path = "/reconcile_memberships";
    // The first run of a process looks for more.
    meter.app.run_timer(path).await;
    let run = meter.app.handler.timer(path);
    let ran = meter.measure("nothing to do", run).await;
    let said = "0 memberships, workspaces and users finished, 0 not";
    assert_eq!(ran.json["Logs"], json!([said]));
}
