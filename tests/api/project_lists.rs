use crate::app::{App, User};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn names(pages: &[Vec<Value>]) -> Vec<&str> {
    let projects = pages.iter().flatten();
    projects.map(|p| p["name"].as_str().unwrap()).collect()
}

/// Projects named so that neither the order of names nor of creation is the other.
async fn workspace_with_projects(ada: &User<'_>) -> String {
    let workspace = ada.workspace().await;
    for (name, visibility, tags) in [
        ("Delta", "public", json!(["red"])),
        ("alpha", "private", json!(["blue", "red"])),
        ("Charlie", "public", json!([])),
        ("Bravo", "private", json!(["blue"])),
        ("Charlie", "public", json!(["redder"])),
    ] {
        let body = json!({"name": name, "visibility": visibility, "tags": tags});
        ada.project(&workspace, body).await;
    }
    format!("{workspace}/projects")
}

#[tokio::test]
async fn filters_choose_and_combine() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    for (query, expected) in [
        ("", vec!["Delta", "alpha", "Charlie", "Bravo", "Charlie"]),
        ("visibility=private", vec!["alpha", "Bravo"]),
        ("tag=red", vec!["Delta", "alpha"]),
        ("q=HA", vec!["alpha", "Charlie", "Charlie"]),
        ("q=%25", vec![]),
        ("q=a&tag=blue&visibility=private", vec!["alpha", "Bravo"]),
        ("tag=%27%20OR%201%3D1", vec![]),
    ] {
        let pages = ada.pages(&format!("{list}?{query}")).await;
        assert_eq!(names(&pages), expected, "{query}");
    }
}

#[tokio::test]
async fn every_order_pages_through_all_projects_once() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let by_age = ["Delta", "alpha", "Charlie", "Bravo", "Charlie"];
    // By character, as Cosmos orders strings: capitals first.
    let by_name = ["Bravo", "Charlie", "Charlie", "Delta", "alpha"];
    let backwards = |names: [&'static str; 5]| names.into_iter().rev().collect::<Vec<_>>();
    for (order, expected) in [
        ("createdAt", by_age.to_vec()),
        ("-createdAt", backwards(by_age)),
        ("name", by_name.to_vec()),
        ("-name", backwards(by_name)),
    ] {
        for limit in [1, 2, 4, 5, 100] {
            let pages = ada
                .pages(&format!("{list}?orderBy={order}&limit={limit}"))
                .await;
            assert_eq!(names(&pages), expected, "{order} {limit}");
            assert_eq!(pages.len(), 5_usize.div_ceil(limit), "{order} {limit}");
        }
    }
}

#[tokio::test]
async fn a_list_has_twenty_items_unless_told_otherwise() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for number in 0..21 {
        ada.project(&workspace, json!({"name": format!("P{number}")}))
            .await;
    }
    let pages = ada.pages(&format!("{workspace}/projects")).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 1]);
}

#[tokio::test]
async fn the_next_link_keeps_the_filters() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let pages = ada.pages(&format!("{list}?limit=1&q=a&tag=blue")).await;
    assert_eq!(names(&pages), ["alpha", "Bravo"]);
}

#[tokio::test]
async fn projects_that_come_and_go_do_not_disturb_a_page_that_follows() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let first = ada.get(&format!("{list}?orderBy=name&limit=2")).await;
    let workspace = list.strip_suffix("/projects").unwrap();
    ada.project(workspace, json!({"name": "Aardvark"})).await;
    let last = first.json["value"][1]["id"].as_str().unwrap();
    ada.delete(&format!("{list}/{last}"))
        .await
        .expect(StatusCode::NO_CONTENT);
    let rest = ada.pages(first.text("nextLink")).await;
    assert_eq!(names(&rest), ["Charlie", "Delta", "alpha"]);
}

#[tokio::test]
async fn a_continuation_is_bound_to_its_filters_and_its_order() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let first = ada.get(&format!("{list}?limit=2")).await;
    let token = first
        .text("nextLink")
        .rsplit_once("continuation=")
        .unwrap()
        .1
        .to_owned();
    for path in [
        format!("{list}?tag=red&continuation={token}"),
        format!("{list}?orderBy=name&continuation={token}"),
        format!("{list}?continuation={}", &token[4..]),
        format!("{list}?continuation=%00"),
        format!("{list}?continuation="),
        format!("/api/workspaces?continuation={token}"),
    ] {
        let refused = ada.get(&path).await;
        let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-continuation");
        assert!(refused.json.get("value").is_none());
    }
    // Another page size is not another list.
    let rest = ada
        .get(&format!("{list}?limit=3&continuation={token}"))
        .await;
    assert_eq!(rest.json["value"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_continuation_works_on_another_instance() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let first = ada.get(&format!("{list}?limit=4")).await;
    let second = app.another();
    let rest = second.user("ada").pages(first.text("nextLink")).await;
    assert_eq!(names(&rest), ["Charlie"]);
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = workspace_with_projects(&ada).await;
    let query = "limit=101&orderBy=age&visibility=secret&tag=&q=&colour=red&limit=5";
    let refused = ada.get(&format!("{list}?{query}")).await;
    let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
    let errors = refused.json["errors"].as_array().unwrap();
    let mut named: Vec<_> = errors
        .iter()
        .map(|error| error["parameter"].as_str().unwrap())
        .collect();
    named.sort_unstable();
    let expected = [
        "colour",
        "limit",
        "limit",
        "orderBy",
        "q",
        "tag",
        "visibility",
    ];
    assert_eq!(named, expected);
    assert!(refused.text("detail").contains("from 1 to 100"));
    for limit in ["0", "-1", "1.5", "many", ""] {
        ada.get(&format!("{list}?limit={limit}"))
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
    }
}
