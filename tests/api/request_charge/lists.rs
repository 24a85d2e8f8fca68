//! Lists of 101 projects, and the batches that make them.

use super::meter::Meter;
use super::operations::NOT_REMEMBERED;
use crate::app::Answer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Returns a workspace with 101 projects.
pub(super) async fn batches(meter: &mut Meter<'_>) -> String {
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

pub(super) async fn lists(meter: &mut Meter<'_>, workspace: &str) {
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

pub(super) async fn first_link_of_a_process(meter: &mut Meter<'_>, workspace: &str) {
    let other = meter.app.another();
    let ada = other.user("ada");
    ada.get(workspace).await.expect(StatusCode::OK);
    let list = ada.request(Method::GET, &format!("{workspace}/projects"));
    let page = meter.measure("the first `nextLink` of a process", list);
    assert_eq!(items(&page.await), 20);
}

fn items(page: &Answer) -> usize {
    page.json["value"].as_array().unwrap().len()
}
