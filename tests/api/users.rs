use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_profile_is_created_read_and_replaced() {
    let app = App::start().await;
    let ada = app.user("ada");
    ada.get("/api/users/me")
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");

    let made = ada
        .put("/api/users/me", json!({"displayName": "Ada L."}))
        .await;
    let made = made.expect(StatusCode::CREATED);
    assert_eq!(made.location(), "/api/users/me");
    assert_eq!(made.text("id"), "ada");
    assert_eq!(made.text("displayName"), "Ada L.");
    assert_eq!(made.text("email"), "ada@example.com");
    assert_eq!(made.json["updatedAt"], Value::Null);
    let read = ada.get("/api/users/me").await;
    assert_eq!((&read.json, read.etag()), (&made.json, made.etag()));

    let replaced = ada
        .put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let replaced = replaced.expect(StatusCode::OK);
    assert_eq!(replaced.json["createdAt"], made.json["createdAt"]);
    assert!(replaced.json["updatedAt"].is_string());

    let create_only = ada
        .request(Method::PUT, "/api/users/me")
        .header("if-none-match", "*");
    Answer::of(create_only.json(&json!({})))
        .await
        .expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
    let stale = ada
        .request(Method::PUT, "/api/users/me")
        .header("if-match", made.etag());
    Answer::of(stale.json(&json!({})))
        .await
        .expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
}

#[tokio::test]
async fn nobody_can_say_that_they_have_another_email_address() {
    let app = App::start().await;
    let eve = app.user("eve");
    let body = json!({"displayName": "Ada", "email": "ada@example.com", "id": "ada"});
    let refused = eve.put("/api/users/me", body).await;
    let refused = refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
    assert_eq!(refused.pointers(), ["/email", "/id"]);
}

#[tokio::test]
async fn a_user_is_found_by_the_whole_address_and_shown_in_brief() {
    let app = App::start().await;
    let ada = app.user("ada");
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let bob = app.user("bob");
    let find = async |email: &str| bob.get(&format!("/api/users?email={email}")).await;
    let expected = json!({"value": [{"id": "ada", "displayName": "Ada"}]});
    for email in ["ada@example.com", "ADA%40EXAMPLE.COM"] {
        assert_eq!(find(email).await.expect(StatusCode::OK).json, expected);
    }
    for email in ["ada@example.co", "a@example.com", "%25@example.com"] {
        assert_eq!(find(email).await.json, json!({"value": []}), "{email}");
    }
    for wrong in ["/api/users", "/api/users?email=", "/api/users?email=ada"] {
        let refused = bob.get(wrong).await;
        let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
        assert_eq!(refused.json["errors"][0]["parameter"], "email", "{wrong}");
    }
}

#[tokio::test]
async fn profiles_saved_at_the_same_moment_leave_one_profile() {
    let app = App::start().await;
    let ada = app.user("ada");
    let saves = (0..10).map(|n| ada.put("/api/users/me", json!({"displayName": format!("{n}")})));
    let saved = futures::future::join_all(saves).await;
    let created = saved
        .iter()
        .filter(|s| s.status == StatusCode::CREATED)
        .count();
    assert_eq!(created, 1);
    assert!(saved.iter().all(|answer| answer.status.is_success()));
    let found = ada.get("/api/users?email=ada@example.com").await;
    assert_eq!(found.json["value"].as_array().unwrap().len(), 1);
}
