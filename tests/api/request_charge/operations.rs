//! Every operation of the route table, with what makes its cost differ.
//!
//! Names, texts and numbers are fixed, and ids and times always have the same length: a run costs what
//! every other costs.

use super::meter::Meter;
use crate::app::Answer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const NOBODY: Value = Value::Null;
const REMEMBERED: &str = "members remembered";
const NOT_REMEMBERED: &str = "members not remembered";
const OF_A_HUNDRED: &str = "members not remembered, 100 of them";

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
    meter.get(OF_A_HUNDRED, &project.location()).await;
    meter.get("100 members", &workspace).await;
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

/// Returns a workspace with 101 projects.
async fn batches(meter: &mut Meter<'_>) -> String {
    let ada = meter.app.user("ada");
    let workspace = ada.workspace().await;
    let batch = format!("{workspace}/projects/batch");
    let creations = |first: usize, count: usize| {
        let operations = (first..first + count).map(|number| {
            let project =
                json!({"name": format!("Plan {number:03}"), "tags": ["t"], "visibility": "public"});
            json!({"op": "create", "project": project})
        });
        json!({"operations": operations.collect::<Vec<_>>()})
    };
    meter.remember(&workspace).await;
    meter.twice("1 creation", &batch, creations(0, 1)).await;
    let (case, body) = ("30 creations", creations(1, 30));
    let made = meter.ada(case, Method::POST, &batch, body).await;
    let each = |operation: &dyn Fn(&Value) -> Value| {
        let results = made.json["results"].as_array().unwrap().iter();
        let operations = results.map(|result| operation(&result["project"]["id"]));
        json!({"operations": operations.collect::<Vec<_>>()})
    };
    let patch = json!({"visibility": "private"});
    let updates = each(&|id| json!({"op": "update", "projectId": id, "patch": patch}));
    meter.ada("30 updates", Method::POST, &batch, updates).await;
    let deletions = each(&|id| json!({"op": "delete", "projectId": id}));
    meter
        .ada("30 deletions", Method::POST, &batch, deletions)
        .await;
    for first in [1, 31, 61] {
        ada.post(&batch, creations(first, 30))
            .await
            .expect(StatusCode::OK);
    }
    ada.post(&batch, creations(91, 10))
        .await
        .expect(StatusCode::OK);
    workspace
}

async fn lists(meter: &mut Meter<'_>, workspace: &str) {
    let list = format!("{workspace}/projects");
    meter.remember(workspace).await;
    for (case, query, count) in [
        ("", "", 20),
        ("`limit=1`", "?limit=1", 1),
        ("`limit=100`", "?limit=100", 100),
        ("`q`", "?q=plan%2001", 10),
        ("`tag`", "?tag=t", 20),
        ("`tag` that nothing has", "?tag=u", 0),
        ("`visibility`", "?visibility=public", 20),
        ("all filters", "?q=plan&tag=t&visibility=public", 20),
    ] {
        let page = meter.get(case, &format!("{list}{query}")).await;
        assert_eq!(items(&page), count, "{case}");
    }
    for (first, second, order) in [
        (
            "`orderBy=createdAt`",
            "`orderBy=createdAt`, the next page",
            "createdAt",
        ),
        (
            "`orderBy=-createdAt`",
            "`orderBy=-createdAt`, the next page",
            "-createdAt",
        ),
        ("`orderBy=name`", "`orderBy=name`, the next page", "name"),
        ("`orderBy=-name`", "`orderBy=-name`, the next page", "-name"),
    ] {
        meter.remember(workspace).await;
        let page = meter.get(first, &format!("{list}?orderBy={order}")).await;
        let next = meter.get(second, page.text("nextLink")).await;
        assert_eq!((items(&page), items(&next)), (20, 20));
    }
    meter.forget(workspace).await;
    meter.get(NOT_REMEMBERED, &list).await;
}

async fn first_link_of_a_process(meter: &mut Meter<'_>, workspace: &str) {
    let other = meter.app.another();
    let ada = other.user("ada");
    ada.get(workspace).await.expect(StatusCode::OK);
    let list = ada.request(Method::GET, &format!("{workspace}/projects"));
    let page = meter.measure("the first `nextLink` of a process", list);
    assert_eq!(items(&page.await), 20);
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

async fn timer(meter: &mut Meter<'_>) {
    let run = || {
        let run = meter.app.handler.request(Method::POST, "/reconcile_moves");
        let run = run.header("x-azure-functions-invocationid", "1");
        let run = run.header("x-azure-functions-hostversion", "4");
        run.json(&json!({"Data": {}, "Metadata": {}}))
    };
    let (idle, busy) = (run(), run());
    let ran = meter.measure("nothing to do", idle).await;
    assert_eq!(ran.json["Logs"], json!(["0 moves finished, 0 not"]));
    keep_an_old_intent(meter).await;
    let ran = meter.measure("a move that was only begun", busy).await;
    assert_eq!(ran.json["Logs"], json!(["1 moves finished, 0 not"]));
}

/// As a process leaves it that is killed before it has marked the project.
async fn keep_an_old_intent(meter: &Meter<'_>) {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let url = format!("{}/dbs/app/colls/items/docs", meter.app.emulator.url());
    let kept = reqwest::Client::new()
        .post(url)
        .header("x-ms-documentdb-partitionkey", "[\"moves\"]")
        .json(&json!({
            "id": id, "partitionKey": "moves", "docType": "moveIntent", "projectId": id,
            "from": id, "to": id, "startedAt": "2026-01-01T00:00:00.000Z",
        }))
        .send()
        .await;
    assert_eq!(kept.unwrap().status(), StatusCode::CREATED);
}

fn items(page: &Answer) -> usize {
    page.json["value"].as_array().unwrap().len()
}
