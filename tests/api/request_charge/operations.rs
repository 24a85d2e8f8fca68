//! Every operation of the route table, with what makes its cost differ.
//!
//! Names, texts and numbers are fixed, and ids and times always have the same length: a run costs what
//! every other costs.

use super::lists::{batches, first_link_of_a_process, lists};
use super::meter::Meter;
use super::timer::timers;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const NOBODY: Value = Value::Null;
const REMEMBERED: &str = "membership remembered";
pub(super) const NOT_REMEMBERED: &str = "membership not remembered";
const OF_A_HUNDRED: &str = "membership not remembered, one of 100";

pub(crate) async fn run(meter: &mut Meter<'_>) {
    without_storage(meter).await;
    workspaces(meter).await;
    my_workspaces(meter).await;
    members(meter).await;
    let workspace = meter.app.user("ada").workspace().await;
    meter.forget(&workspace).await;
    projects(meter, &workspace).await;
    project(meter, &workspace).await;
    many_members(meter).await;
    moves(meter, &workspace).await;
    let workspace = batches(meter).await;
    lists(meter, &workspace).await;
    first_link_of_a_process(meter, &workspace).await;
    users(meter).await;
    timers(meter).await;
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
    let ada = meter.app.user("ada");
    let project = ada.project(&made, json!({"name": "P"})).await.location();
    let refused = ada.request(Method::DELETE, &made);
    let refused = meter.measure("it has projects (409)", refused).await;
    refused.expect(StatusCode::CONFLICT);
    ada.delete(&project).await.expect(StatusCode::NO_CONTENT);
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

async fn projects(meter: &mut Meter<'_>, workspace: &str) {
    let list = format!("{workspace}/projects");
    let create = Method::POST;
    meter.remember(workspace).await;
    let body = json!({"name": "Plan"});
    meter.twice(REMEMBERED, &list, body).await;
    meter.forget(workspace).await;
    let body = json!({"name": "Other plan"});
    meter.ada(NOT_REMEMBERED, create.clone(), &list, body).await;
    let (case, body) = ("its name is taken", json!({"name": "Plan"}));
    let made = meter.ada(case, create.clone(), &list, body).await;
    assert_eq!(made.text("slug"), "plan-2");
    let body = json!({"name": "Long", "description": "x".repeat(2_000)});
    let case = "a description of 2,000 characters";
    let long = meter.ada(case, create, &list, body).await.location();
    meter.get(case, &long).await;
}

async fn project(meter: &mut Meter<'_>, workspace: &str) {
    let ada = meter.app.user("ada");
    let project = ada
        .project(workspace, json!({"name": "One", "visibility": "public"}))
        .await;
    let path = project.location();
    meter.remember(workspace).await;
    meter.get(REMEMBERED, &path).await;
    meter.not_modified(&path).await;
    let by_slug = format!("{workspace}/projects/by-slug/one");
    meter.get(REMEMBERED, &by_slug).await;
    meter.not_modified(&by_slug).await;
    let eve = meter.app.user("eve").request(Method::GET, &path);
    let read = meter.measure("public, by no member", eve).await;
    read.expect(StatusCode::OK);
    for path in [&path, &by_slug] {
        meter.forget(workspace).await;
        meter.get(NOT_REMEMBERED, path).await;
    }
    for (case, patch) in [
        (REMEMBERED, json!({"name": "1"})),
        ("empty patch", json!({})),
    ] {
        meter.ada(case, Method::PATCH, &path, patch).await;
    }
    meter.ada(REMEMBERED, Method::DELETE, &path, NOBODY).await;
}

async fn many_members(meter: &mut Meter<'_>) {
    let ada = meter.app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    for number in 2..=100 {
        let member = format!("{workspace}/members/member-{number:03}");
        let added = ada.put(&member, json!({"role": "viewer"})).await;
        added.expect(StatusCode::CREATED);
    }
    meter.forget(&workspace).await;
    meter.get(OF_A_HUNDRED, &project.location()).await;
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

async fn moves(meter: &mut Meter<'_>, from: &str) {
    let ada = meter.app.user("ada");
    let to = ada.workspace().await;
    let target = json!({"targetWorkspaceId": to.rsplit('/').next()});
    for (case, workspace) in [(REMEMBERED, None), (NOT_REMEMBERED, Some(&to))] {
        let project = ada.project(from, json!({"name": case})).await;
        meter.remember(from).await;
        meter.remember(&to).await;
        if let Some(workspace) = workspace {
            meter.forget(workspace).await;
            meter.forget(from).await;
        }
        let path = format!("{}/move", project.location());
        if workspace.is_none() {
            meter.twice(case, &path, target.clone()).await;
        } else {
            meter.ada(case, Method::POST, &path, target.clone()).await;
        }
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
