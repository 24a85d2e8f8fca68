use crate::app::{App, User};
use cosmos_emulator::{DropConnection, Fault, Resource};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn names(user: &User<'_>, workspace: &str) -> Vec<String> {
    let pages = user.pages(&format!("{workspace}/projects")).await.concat();
    let names = pages.iter().map(|p| p["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn operations_happen_together_and_answer_in_order() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let keep = ada.project(&workspace, json!({"name": "Keep"})).await;
    let drop = ada.project(&workspace, json!({"name": "Drop"})).await;
    let body = json!({"operations": [
        {"op": "create", "project": {"name": "New", "tags": ["t"]}},
        {"op": "update", "projectId": keep.json["id"], "ifMatch": keep.etag(), "patch": {"name": "Kept"}},
        {"op": "delete", "projectId": drop.json["id"]},
        {"op": "create", "project": {"name": "New"}},
    ]});
    let done = ada.post(&format!("{workspace}/projects/batch"), body).await;
    let done = done.expect(StatusCode::OK);
    let results = done.json["results"].as_array().unwrap();
    let kinds: Vec<_> = results
        .iter()
        .map(|r| r["result"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["created", "updated", "deleted", "created"]);
    assert_eq!(results[0]["project"]["slug"], "new");
    assert_eq!(results[3]["project"]["slug"], "new-2");
    assert_eq!(results[1]["project"]["name"], "Kept");
    assert!(results[2].get("project").is_none());
    for index in [0, 1, 3] {
        let id = results[index]["project"]["id"].as_str().unwrap();
        let read = ada.get(&format!("{workspace}/projects/{id}")).await;
        assert_eq!(read.json, results[index]["project"]);
        assert_eq!(read.etag(), results[index]["etag"].as_str().unwrap());
    }
    assert_eq!(names(&ada, &workspace).await, ["Kept", "New", "New"]);
}

#[tokio::test]
async fn one_operation_that_fails_is_named_and_nothing_happens() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    let missing = "0190163d-8694-739b-aea5-966c26f8ad91";
    let create = json!({"op": "create", "project": {"name": "New"}});
    let batch = format!("{workspace}/projects/batch");
    for (failing, status, code) in [
        (
            json!({"op": "delete", "projectId": missing}),
            StatusCode::NOT_FOUND,
            "not-found",
        ),
        (
            json!({"op": "update", "projectId": missing, "patch": {"name": "Q"}}),
            StatusCode::NOT_FOUND,
            "not-found",
        ),
        (
            json!({"op": "update", "projectId": project.json["id"], "ifMatch": "\"stale\"", "patch": {"name": "Q"}}),
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
        ),
        (
            json!({"op": "delete", "projectId": project.json["id"], "ifMatch": "\"stale\""}),
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
        ),
    ] {
        let refused = ada
            .post(&batch, json!({"operations": [create, failing]}))
            .await;
        let refused = refused.expect_problem(status, code);
        assert_eq!(refused.pointers(), ["/operations/1"]);
        assert_eq!(names(&ada, &workspace).await, ["P"]);
    }
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_with_every_pointer() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let id = ada.project(&workspace, json!({"name": "P"})).await.json["id"].clone();
    let create = json!({"op": "create", "project": {"name": "New"}});
    let too_many = vec![create; 31];
    for (operations, pointers) in [
        (json!(null), vec!["/operations"]),
        (json!([]), vec!["/operations"]),
        (json!(too_many), vec!["/operations"]),
        (json!(vec![json!({}); 31]), vec!["/operations"]),
        (json!(["create"]), vec!["/operations/0"]),
        (
            json!([{"op": "upsert"}, {}]),
            vec!["/operations/0/op", "/operations/1/op"],
        ),
        (
            json!([
                {"op": "create", "project": {"name": "", "colour": "red"}, "patch": {}},
                {"op": "update", "projectId": "7", "patch": {"tags": [1]}},
                {"op": "delete"},
            ]),
            vec![
                "/operations/0/patch",
                "/operations/0/project/colour",
                "/operations/0/project/name",
                "/operations/1/patch/tags/0",
                "/operations/1/projectId",
                "/operations/2/projectId",
            ],
        ),
        (
            json!([{"op": "delete", "projectId": id}, {"op": "delete", "projectId": id}]),
            vec!["/operations/1/projectId"],
        ),
        (
            json!([{"op": "delete", "projectId": id, "ifMatch": "without-quotes"}]),
            vec!["/operations/0/ifMatch"],
        ),
    ] {
        let body = json!({"operations": operations});
        let refused = ada.post(&format!("{workspace}/projects/batch"), body).await;
        let refused = refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
        assert_eq!(refused.pointers(), pointers);
    }
    assert_eq!(names(&ada, &workspace).await, ["P"]);
}

#[tokio::test]
async fn the_largest_batch_fits_even_when_all_names_are_the_same_and_taken() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for _ in 0..3 {
        ada.project(&workspace, json!({"name": "Plan"})).await;
    }
    let longest = json!({"op": "create", "project": {
        "name": "Plan", "description": "界".repeat(2_000), "tags": ["t".repeat(50)],
    }});
    let body = json!({"operations": vec![longest; 30]});
    let done = ada.post(&format!("{workspace}/projects/batch"), body).await;
    let done = done.expect(StatusCode::OK);
    let slugs: HashSet<_> = done.json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["project"]["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs.len(), 30);
    assert_eq!(names(&ada, &workspace).await.len(), 33);
}

#[tokio::test]
async fn batches_at_the_same_moment_do_not_lose_each_others_changes() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "P"})).await;
    let batch = format!("{workspace}/projects/batch");
    let patches = [
        json!({"name": "Q"}),
        json!({"description": "D"}),
        json!({"tags": ["t"]}),
    ];
    let batches = patches.map(|patch| {
        let update = json!({"op": "update", "projectId": made.json["id"], "patch": patch});
        ada.post(&batch, json!({"operations": [update]}))
    });
    for answer in futures::future::join_all(batches).await {
        answer.expect(StatusCode::OK);
    }
    let project: Value = ada.get(&made.location()).await.json;
    assert_eq!(
        (&project["name"], &project["description"]),
        (&json!("Q"), &json!("D"))
    );
    assert_eq!(project["tags"], json!(["t"]));
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_answers_what_it_did() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for operation in ["delete", "update"] {
        let made = ada.project(&workspace, json!({"name": "P"})).await;
        let mut first =
            json!({"op": operation, "projectId": made.json["id"], "ifMatch": made.etag()});
        if operation == "update" {
            first["patch"] = json!({"name": "Q"});
        }
        let create = json!({"op": "create", "project": {"name": "New"}});
        let lost = Fault {
            resource: Some(Resource::Batch),
            drop: Some(DropConnection::After),
            times: Some(1),
            ..Fault::default()
        };
        app.emulator.inject(lost).unwrap();
        let body = json!({"operations": [first, create]});
        let done = ada.post(&format!("{workspace}/projects/batch"), body).await;
        assert_eq!(
            done.expect(StatusCode::OK).json["results"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        app.emulator.clear_faults();
    }
    assert_eq!(names(&ada, &workspace).await, ["New", "Q", "New"]);
}

#[tokio::test]
async fn repeats_of_a_batch_at_the_same_moment_all_get_its_answer() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "P"})).await;
    let body = json!({"operations": [{"op": "delete", "projectId": made.json["id"]}]});
    let repeats = (0..8).map(|_| {
        let request = ada.request(
            reqwest::Method::POST,
            &format!("{workspace}/projects/batch"),
        );
        crate::app::Answer::of(request.header("idempotency-key", "k").json(&body))
    });
    for answer in futures::future::join_all(repeats).await {
        answer.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_batch_of_names_that_are_all_taken_is_carried_out() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let create = |n| json!({"op": "create", "project": {"name": format!("Plan {n}")}});
    let body = json!({"operations": (0..30).map(create).collect::<Vec<_>>()});
    for _ in 0..3 {
        let batch = format!("{workspace}/projects/batch");
        ada.post(&batch, body.clone()).await.expect(StatusCode::OK);
    }
    let pages = ada
        .pages(&format!("{workspace}/projects?limit=100"))
        .await
        .concat();
    let slugs: HashSet<_> = pages.iter().map(|p| p["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs.len(), 90);
}
