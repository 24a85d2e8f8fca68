//! Lists of 101 projects.

use super::meter::Meter;
use super::projects::NOT_REMEMBERED;
use crate::app::Answer;
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Returns a workspace with 101 projects.
async fn a_hundred_and_one(meter: &Meter<'_>) -> String {
    let ada = meter.app.user("ada");
    let workspace = ada.workspace().await;
    for number in 0..101 {
        let name = format!("Plan {number:03}");
        let project = json!({"name": name, "tags": ["t"], "visibility": "public"});
        ada.project(&workspace, project).await;
    }
    workspace
}

pub(super) async fn lists(meter: &mut Meter<'_>) {
    let workspace = a_hundred_and_one(meter).await;
    in_every_order(meter, &workspace).await;
    first_link_of_a_process(meter, &workspace).await;
}

async fn in_every_order(meter: &mut Meter<'_>, workspace: &str) {
    let list = format!("{workspace}/projects");
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
        meter.remember(workspace).await;
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

fn items(page: &Answer) -> usize {
    page.json["value"].as_array().unwrap().len()
}
