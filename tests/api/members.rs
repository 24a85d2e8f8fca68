use crate::app::{Answer, App, User};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub(crate) async fn put(user: &User<'_>, path: &str, role: &str) -> Answer {
    user.put(path, json!({"role": role})).await
}

#[tokio::test]
async fn a_member_is_added_promoted_and_removed_at_once() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let workspace = ada.workspace().await;
    let member = format!("{workspace}/members/bob");
    let project = json!({"name": "P"});
    let projects = format!("{workspace}/projects");
    bob.get(&projects).await.expect(StatusCode::NOT_FOUND);

    let added = put(&ada, &member, "viewer")
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(added.text("userId"), "bob");
    assert_eq!(added.text("role"), "viewer");
    assert_eq!(added.json["updatedAt"], Value::Null);
    assert_eq!(added.location(), member);
    bob.get(&projects).await.expect(StatusCode::OK);
    bob.post(&projects, project.clone())
        .await
        .expect_problem(StatusCode::FORBIDDEN, "role-too-low");

    put(&ada, &member, "editor").await.expect(StatusCode::OK);
    bob.post(&projects, project)
        .await
        .expect(StatusCode::CREATED);
    let read = bob.get(&member).await.expect(StatusCode::OK);
    assert_eq!(read.text("role"), "editor");
    assert_eq!(read.json["createdAt"], added.json["createdAt"]);

    ada.delete(&member).await.expect(StatusCode::NO_CONTENT);
    bob.get(&projects).await.expect(StatusCode::NOT_FOUND);
    ada.delete(&member)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn members_may_leave_but_not_remove_others() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let workspace = ada.workspace().await;
    let of = |user: &str| format!("{workspace}/members/{user}");
    put(&ada, &of("bob"), "editor")
        .await
        .expect(StatusCode::CREATED);
    put(&ada, &of("cyd"), "viewer")
        .await
        .expect(StatusCode::CREATED);
    for refused in [
        bob.delete(&of("cyd")).await,
        bob.delete(&of("ada")).await,
        put(&bob, &of("bob"), "owner").await,
    ] {
        refused.expect_problem(StatusCode::FORBIDDEN, "role-too-low");
    }
    bob.delete(&of("bob")).await.expect(StatusCode::NO_CONTENT);
    bob.get(&workspace).await.expect(StatusCode::NOT_FOUND);
    app.user("cyd")
        .delete(&of("cyd"))
        .await
        .expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let member = format!("{workspace}/members/ada");
    ada.delete(&member)
        .await
        .expect_problem(StatusCode::CONFLICT, "last-owner");
    put(&ada, &member, "editor")
        .await
        .expect_problem(StatusCode::CONFLICT, "last-owner");
    put(&ada, &format!("{workspace}/members/bob"), "owner")
        .await
        .expect(StatusCode::CREATED);
    ada.delete(&member).await.expect(StatusCode::NO_CONTENT);
    app.user("bob").get(&workspace).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn owners_who_leave_at_the_same_moment_do_not_all_get_away() {
    let app = App::start().await;
    for _round in 0..5 {
        let ada = app.user("ada");
        let workspace = ada.workspace().await;
        let owners = ["ada", "bob", "cyd", "dan"];
        for owner in &owners[1..] {
            put(&ada, &format!("{workspace}/members/{owner}"), "owner")
                .await
                .expect(StatusCode::CREATED);
        }
        let users = owners.map(|owner| app.user(owner));
        let leaving = users.iter().zip(owners).map(|(user, owner)| {
            let path = format!("{workspace}/members/{owner}");
            async move { user.delete(&path).await.status }
        });
        let left = join_all(leaving).await;
        let gone = left
            .iter()
            .filter(|s| **s == StatusCode::NO_CONTENT)
            .count();
        assert_eq!(gone, 3, "{left:?}");
        assert!(left.contains(&StatusCode::CONFLICT), "{left:?}");
    }
}

#[tokio::test]
async fn wrong_roles_and_ids_are_named() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let path = format!("{workspace}/members/bob");
    for body in [
        json!({}),
        json!({"role": "god"}),
        json!({"role": null}),
        json!({"role": 7}),
    ] {
        let refused = ada.put(&path, body).await;
        let refused = refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
        assert_eq!(refused.pointers(), ["/role"]);
    }
    for id in ["a%20b", "a%2fb", "%00", "~e4", &"x".repeat(321)] {
        put(&ada, &format!("{workspace}/members/{id}"), "viewer")
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
    }
}

#[tokio::test]
async fn a_stale_etag_of_a_member_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let member = format!("{workspace}/members/bob");
    let added = put(&ada, &member, "viewer").await;
    assert_eq!(added.etag(), ada.get(&member).await.etag());
    let changed = put(&ada, &member, "editor").await;
    assert_eq!(changed.etag(), ada.get(&member).await.etag());
    for method in [Method::PUT, Method::DELETE, Method::GET] {
        let request = ada.request(method, &member);
        let request = request.header("if-match", added.etag());
        Answer::of(request.json(&json!({"role": "owner"})))
            .await
            .expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
    }
    let known = ada.request(Method::GET, &member);
    let known = Answer::of(known.header("if-none-match", changed.etag())).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn members_are_listed_by_role_and_by_name_page_by_page() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let roles = [("eve", "viewer"), ("bob", "editor"), ("cyd", "viewer")];
    for (user, role) in roles {
        let member = format!("{workspace}/members/{user}");
        put(&ada, &member, role).await.expect(StatusCode::CREATED);
    }
    let listed = async |user: &str, query: &str| {
        let list = format!("{workspace}/members?limit=2&{query}");
        let members = app.user(user).pages(&list).await.concat();
        let names = members
            .iter()
            .map(|member| member["userId"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(listed("cyd", "").await, ["ada", "eve", "bob", "cyd"]);
    assert_eq!(
        listed("ada", "orderBy=userId").await,
        ["ada", "bob", "cyd", "eve"]
    );
    assert_eq!(
        listed("ada", "orderBy=-userId").await,
        ["eve", "cyd", "bob", "ada"]
    );
    assert_eq!(
        listed("ada", "role=viewer&orderBy=userId").await,
        ["cyd", "eve"]
    );
    let by_role = listed("ada", "orderBy=role").await;
    assert_eq!(by_role[..2], ["bob", "ada"], "editors, owners, viewers");
    ada.delete(&format!("{workspace}/members/eve")).await;
    assert_eq!(listed("ada", "orderBy=userId").await, ["ada", "bob", "cyd"]);
    let stranger = app.user("dan").get(&format!("{workspace}/members")).await;
    stranger.expect_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn owners_are_few_and_other_members_are_not_limited() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for number in 1..20 {
        let owner = format!("{workspace}/members/owner-{number}");
        put(&ada, &owner, "owner").await.expect(StatusCode::CREATED);
    }
    let one_more = format!("{workspace}/members/bob");
    put(&ada, &one_more, "owner")
        .await
        .expect_problem(StatusCode::CONFLICT, "too-many-owners");
    put(&ada, &one_more, "editor")
        .await
        .expect(StatusCode::CREATED);
    put(&ada, &format!("{workspace}/members/owner-1"), "viewer")
        .await
        .expect(StatusCode::OK);
    put(&ada, &one_more, "owner").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_member_can_be_made_only_if_there_is_none() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let save = async |user: &str, header: &str, value: &str| {
        let path = format!("{workspace}/members/{user}");
        let put = ada.request(Method::PUT, &path).header(header, value);
        Answer::of(put.json(&json!({"role": "viewer"})))
            .await
            .status
    };
    assert_eq!(
        save("bob", "if-match", "*").await,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(save("bob", "if-none-match", "*").await, StatusCode::CREATED);
    assert_eq!(
        save("bob", "if-none-match", "*").await,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(save("bob", "if-match", "*").await, StatusCode::OK);
    let etag = ada.get(&workspace).await.etag().to_owned();
    assert_eq!(
        save("cyd", "if-match", &etag).await,
        StatusCode::PRECONDITION_FAILED
    );
    let nobody = ada.request(Method::DELETE, &format!("{workspace}/members/cyd"));
    Answer::of(nobody.header("if-match", "\"stale\""))
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
}
