//! `Idempotency-Key`, and repeats by the host.

use crate::app::{Answer, App, User};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

fn keyed(user: &User<'_>, path: &str, key: &str, body: &Value) -> RequestBuilder {
    let request = user.request(Method::POST, path).json(body);
    request.header("idempotency-key", key)
}

async fn post(user: &User<'_>, path: &str, key: &str, body: &Value) -> Answer {
    Answer::of(keyed(user, path, key, body)).await
}

async fn count(user: &User<'_>, list: &str) -> usize {
    user.pages(list).await.concat().len()
}

#[tokio::test]
async fn the_same_json_written_otherwise_is_the_same_body() {
    let app = App::start().await;
    let ada = app.user("ada");
    let first = post(
        &ada,
        "/api/workspaces",
        "k",
        &json!({"name": "W", "description": null}),
    )
    .await;
    let request = ada.request(Method::POST, "/api/workspaces");
    let request = request
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .body("{ \"description\":null ,\"name\":\"\\u0057\" }");
    assert_eq!(Answer::of(request).await.json, first.json);
}

#[tokio::test]
async fn the_same_key_with_another_path_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let projects = format!("{workspace}/projects");
    let batch = format!("{projects}/batch");
    post(&ada, &projects, "k", &json!({"name": "P"}))
        .await
        .expect(StatusCode::CREATED);
    let operations = json!({"operations": [{"op": "create", "project": {"name": "P"}}]});
    post(&ada, &batch, "k", &operations)
        .await
        .expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused");
    assert_eq!(count(&ada, &projects).await, 1);
}

#[tokio::test]
async fn a_key_is_its_callers_own() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let body = json!({"name": "W"});
    let of_ada = post(&ada, "/api/workspaces", "k", &body).await;
    let of_bob = post(&bob, "/api/workspaces", "k", &body).await;
    assert_ne!(
        of_ada.json["id"],
        of_bob.expect(StatusCode::CREATED).json["id"]
    );
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    {
        let list = format!("{workspace}/projects");
        let body = json!({"name": "N"});
        let first = post(&ada, &list, "k", &body).await;
        app.emulator.advance_clock(Duration::from_hours(23));
        assert_eq!(post(&ada, &list, "k", &body).await.json, first.json);
        app.emulator.advance_clock(Duration::from_hours(2));
        let second = post(&ada, &list, "k", &body).await;
        assert_ne!(
            second.expect(StatusCode::CREATED).json["id"],
            first.json["id"]
        );
    }
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    for key in ["a b", &"x".repeat(256)] {
        let refused = post(&ada, "/api/workspaces", key, &json!({"name": "W"})).await;
        let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
        assert_eq!(refused.json["errors"][0]["parameter"], "Idempotency-Key");
    }
    let longest = "x".repeat(255);
    post(&ada, "/api/workspaces", &longest, &json!({"name": "W"}))
        .await
        .expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_failed_request_does_not_use_up_its_key() {
    let app = App::start().await;
    let ada = app.user("ada");
    post(&ada, "/api/workspaces", "k", &json!({"name": ""}))
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    post(&ada, "/api/workspaces", "k", &json!({"name": "W"}))
        .await
        .expect(StatusCode::CREATED);
}

/// The host repeats a request whose connection broke: same headers, same invocation.
#[tokio::test]
async fn without_a_key_a_repeat_by_the_host_is_known_by_its_invocation() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let projects = format!("{workspace}/projects");
    ada.project(&workspace, json!({"name": "P"})).await;
    let batch = json!({"operations": [{"op": "create", "project": {"name": "P"}}]});
    for (path, list, body) in [
        (
            "/api/workspaces".to_owned(),
            "/api/workspaces".to_owned(),
            json!({"name": "W"}),
        ),
        (projects.clone(), projects.clone(), json!({"name": "P"})),
        (format!("{projects}/batch"), projects.clone(), batch),
    ] {
        let before = count(&ada, &list).await;
        let mut answers = Vec::new();
        for _ in 0..3 {
            let request = ada.request(Method::POST, &path).json(&body);
            let request =
                request.header("x-ms-invocation-id", format!("invocation-{}", path.len()));
            answers.push(Answer::of(request).await);
        }
        assert_eq!(answers[1].status, answers[0].status);
        let id = |answer: &Answer| match &answer.json["id"] {
            Value::Null => answer.json["results"][0]["project"]["id"].clone(),
            id => id.clone(),
        };
        assert_eq!(id(&answers[1]), id(&answers[0]), "{path}");
        assert_eq!(id(&answers[2]), id(&answers[0]), "{path}");
        assert_eq!(count(&ada, &list).await, before + 1, "{path}");
    }
    let etag = ada.get(&workspace).await.etag().to_owned();
    for _ in 0..2 {
        let patch = ada
            .request(Method::PATCH, &workspace)
            .json(&json!({"name": "Q"}));
        let patch = patch
            .header("if-match", &etag)
            .header("x-ms-invocation-id", "patch");
        Answer::of(patch).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_key_may_be_used_once_a_day_for_ever() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let projects = format!("{workspace}/projects");
    let mut ids = HashSet::new();
    for day in 0..30 {
        let made = post(&ada, &projects, "daily", &json!({"name": "P"})).await;
        let made = made.expect(StatusCode::CREATED);
        assert!(ids.insert(made.text("id").to_owned()), "day {day}");
        app.emulator.advance_clock(Duration::from_hours(25));
    }
}

#[tokio::test]
async fn the_same_request_written_otherwise_is_a_repeat() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (workspace, target) = (ada.workspace().await, ada.workspace().await);
    let upper = |path: &str| {
        let (list, id) = path.rsplit_once('/').unwrap();
        (format!("{list}/{}", id.to_uppercase()), id.to_uppercase())
    };
    let projects = format!("{workspace}/projects");
    let in_upper = format!("{}/projects/", upper(&workspace).0);
    let first = post(&ada, &projects, "k", &json!({"name": "Caf\u{e9}"})).await;
    let body = json!({"name": "Cafe\u{301}", "visibility": "private", "description": null});
    let again = post(&ada, &in_upper, "k", &body).await;
    assert_eq!(again.expect(StatusCode::CREATED).json, first.json);

    let path = format!("{}/move", first.location());
    let id = target.rsplit('/').next().unwrap();
    let moved = post(&ada, &path, "m", &json!({"targetWorkspaceId": id})).await;
    let body = json!({"targetWorkspaceId": upper(&target).1});
    let again = post(&ada, &path, "m", &body).await.expect(StatusCode::OK);
    assert_eq!(again.json, moved.json);
}

#[tokio::test]
async fn a_key_is_good_in_its_workspace() {
    let app = App::start().await;
    let ada = app.user("ada");
    let body = json!({"name": "P"});
    for _ in 0..2 {
        let projects = format!("{}/projects", ada.workspace().await);
        post(&ada, &projects, "k", &body)
            .await
            .expect(StatusCode::CREATED);
    }
}

#[tokio::test]
async fn two_keys_are_refused_and_an_empty_one_is_none() {
    let app = App::start().await;
    let ada = app.user("ada");
    let body = json!({"name": "W"});
    let two = keyed(&ada, "/api/workspaces", "a", &body).header("idempotency-key", "b");
    Answer::of(two)
        .await
        .expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
    for _ in 0..2 {
        post(&ada, "/api/workspaces", "", &body)
            .await
            .expect(StatusCode::CREATED);
    }
    assert_eq!(count(&ada, "/api/workspaces").await, 2);
}
