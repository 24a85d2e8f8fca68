//! Projects.

use super::lists::lists;
use super::meter::Meter;
use super::operations::{NOBODY, add_members};
use reqwest::{Method, StatusCode};
use serde_json::json;

pub(super) const REMEMBERED: &str = "membership remembered";
pub(super) const NOT_REMEMBERED: &str = "membership not remembered";
const OF_A_HUNDRED: &str = "membership not remembered, one of 100";

pub(super) async fn projects(meter: &mut Meter<'_>) {
    let workspace = meter.app.user("ada").workspace().await;
    meter.forget(&workspace).await;
    create(meter, &workspace).await;
    project(meter, &workspace).await;
    many_members(meter).await;
    not_empty(meter).await;
    lists(meter).await;
}

async fn not_empty(meter: &mut Meter<'_>) {
    let ada = meter.app.user("ada");
    let workspace = ada.workspace().await;
    ada.project(&workspace, json!({"name": "P"})).await;
    let refused = ada.request(Method::DELETE, &workspace);
    let refused = meter.measure("it has projects (409)", refused).await;
    refused.expect(StatusCode::CONFLICT);
}

async fn many_members(meter: &mut Meter<'_>) {
    let ada = meter.app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    add_members(meter, &workspace).await;
    meter.forget(&workspace).await;
    meter.get(OF_A_HUNDRED, &project.location()).await;
}

async fn create(meter: &mut Meter<'_>, workspace: &str) {
    let list = format!("{workspace}/projects");
    let create = Method::POST;
    meter.remember(workspace).await;
    let body = json!({"name": "Plan"});
    meter.twice(REMEMBERED, &list, body).await;
    meter.forget(workspace).await;
    let body = json!({"name": "Other plan"});
    meter.ada(NOT_REMEMBERED, create.clone(), &list, body).await;
    let (case, body) = ("its name is taken", json!({"name": "Plan"}));
    meter.remember(workspace).await;
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
    meter.remember(workspace).await;
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
        meter.remember(workspace).await;
        meter.ada(case, Method::PATCH, &path, patch).await;
    }
    meter.remember(workspace).await;
    meter.ada(REMEMBERED, Method::DELETE, &path, NOBODY).await;
}
