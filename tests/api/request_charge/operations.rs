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
    // The key of the links is made by the first of them.
    let first = cyd.request(Method::GET, list);
    meter
        .measure("20 of 21, the first `nextLink` ever", first)
        .await;
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
    meter.ada("", Method::DELETE, &member, NOBODY).await;
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
    meter.get("100 members", &workspace).await;
}

async fn users(meter: &mut Meter<'_>) {
    let me = "/api/users/me";
    for (case, name) in [("a new profile", "Ada"), ("a known one", "Ada L.")] {
        let body = json!({"displayName": name});
        meter.ada(case, Method::PUT, me, body).await;
    }
    meter.get("", me).await;
    meter.not_modified(me).await;
    let again = meter.app.user("ADA").put(me, json!({})).await;
    again.expect(StatusCode::CREATED);
    let find = "/api/users?email=ada@example.com";
    meter.get("", find).await;
    let page = meter.get("`limit=1`", &format!("{find}&limit=1")).await;
    meter.get("the next page", page.text("nextLink")).await;
}
