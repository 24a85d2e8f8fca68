use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

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

#[tokio::test]
async fn an_erased_user_leaves_nothing_behind() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let workspace = bob.workspace().await;
    for (user, role) in [("ada", "owner"), ("cyd", "viewer")] {
        let member = format!("{workspace}/members/{user}");
        bob.put(&member, json!({"role": role})).await;
    }
    for _again in 0..2 {
        ada.delete("/api/users/me")
            .await
            .expect(StatusCode::NO_CONTENT);
    }
    ada.get("/api/users/me")
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    let found = bob.get("/api/users?email=ada@example.com").await;
    assert_eq!(found.json, json!({"value": []}));
    assert_eq!(ada.get("/api/workspaces").await.json, json!({"value": []}));
    ada.get(&workspace)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    // What is kept for a day is that something has ended.
    app.emulator.advance_clock(Duration::from_hours(25));
    let (partition, name) = ("user:ada", "ada");
    assert_eq!(app.items(partition).await, [] as [Value; 0]);
    let left = app.items(workspace.rsplit('/').next().unwrap()).await;
    assert!(!left.iter().any(|item| item["userId"] == name), "{left:?}");
}

#[tokio::test]
async fn what_an_instance_remembers_does_not_keep_a_membership_from_being_erased() {
    let app = App::start().await;
    let bob = app.user("bob");
    let workspace = bob.workspace().await;
    let elsewhere = app.another();
    let ada = elsewhere.user("ada");
    // No member, for the next seconds.
    ada.get(&workspace).await.expect(StatusCode::NOT_FOUND);
    let member = format!("{workspace}/members/ada");
    bob.put(&member, json!({"role": "viewer"}))
        .await
        .expect(StatusCode::CREATED);
    ada.delete("/api/users/me")
        .await
        .expect(StatusCode::NO_CONTENT);
    bob.get(&member).await.expect(StatusCode::NOT_FOUND);
    assert_eq!(ada.get("/api/workspaces").await.json, json!({"value": []}));
}

#[tokio::test]
async fn whoever_alone_owns_a_workspace_is_told_which_before_anything_is_erased() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let theirs = bob.workspace().await;
    let member = format!("{theirs}/members/ada");
    bob.put(&member, json!({"role": "viewer"})).await;
    let own = [ada.workspace().await, ada.workspace().await];
    let refused = ada.delete("/api/users/me").await;
    let refused = refused.expect_problem(StatusCode::CONFLICT, "last-owner");
    for workspace in &own {
        let id = workspace.rsplit('/').next().unwrap();
        assert!(refused.text("detail").contains(id), "{refused:?}");
    }
    ada.get("/api/users/me").await.expect(StatusCode::OK);
    ada.get(&theirs).await.expect(StatusCode::OK);

    ada.delete(&own[0]).await.expect(StatusCode::NO_CONTENT);
    let member = format!("{}/members/bob", own[1]);
    ada.put(&member, json!({"role": "owner"})).await;
    ada.delete("/api/users/me")
        .await
        .expect(StatusCode::NO_CONTENT);
    ada.get(&theirs).await.expect(StatusCode::NOT_FOUND);
    bob.get(&own[1]).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn owners_who_erase_themselves_at_the_same_moment_do_not_all_get_away() {
    let app = App::start().await;
    for _round in 0..5 {
        let (ada, bob) = (app.user("ada"), app.user("bob"));
        let workspace = ada.workspace().await;
        let member = format!("{workspace}/members/bob");
        ada.put(&member, json!({"role": "owner"})).await;
        let (left, right) = tokio::join!(ada.delete("/api/users/me"), bob.delete("/api/users/me"));
        let statuses = [left.status, right.status];
        assert!(statuses.contains(&StatusCode::CONFLICT), "{statuses:?}");
        let owner = if left.status == StatusCode::CONFLICT {
            &ada
        } else {
            &bob
        };
        owner.get(&workspace).await.expect(StatusCode::OK);
        owner
            .delete(&workspace)
            .await
            .expect(StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn a_profile_saved_while_its_user_is_erased_is_there_whole_or_not_at_all() {
    let app = App::start().await;
    let ada = app.user("ada");
    for _round in 0..10 {
        let save = ada.put("/api/users/me", json!({"displayName": "Ada"}));
        let (saved, erased) = tokio::join!(save, ada.delete("/api/users/me"));
        assert!(saved.status.is_success(), "{saved:?}");
        erased.expect(StatusCode::NO_CONTENT);
        let found = ada.get("/api/users?email=ada@example.com").await;
        let is_found = found.json != json!({"value": []});
        let profile = ada.get("/api/users/me").await;
        assert_eq!(profile.status.is_success(), is_found);
    }
}

/// Two accounts of one person, or an address that somebody else has by now.
#[tokio::test]
async fn an_address_leads_to_whom_the_identity_provider_vouched_for_last() {
    let app = App::start().await;
    for user in ["ada", "ADA"] {
        let body = json!({"displayName": user});
        let saved = app.user(user).put("/api/users/me", body).await;
        saved.expect(StatusCode::CREATED);
    }
    let found = app
        .user("bob")
        .get("/api/users?email=ada@example.com")
        .await;
    assert_eq!(
        found.json,
        json!({"value": [{"id": "ADA", "displayName": "ADA"}]})
    );
    // The other one is not found, and does not take it along.
    app.user("ada").delete("/api/users/me").await;
    let found = app
        .user("bob")
        .get("/api/users?email=ada@example.com")
        .await;
    assert_eq!(found.json["value"][0]["id"], "ADA");
}
