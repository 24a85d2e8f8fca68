use crate::app::{Answer, App};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_workspace_is_created_read_changed_and_deleted() {
    let app = App::start().await;
    let ada = app.user("ada");
    let made = ada
        .post("/api/workspaces", json!({"name": "Analytical Engines"}))
        .await
        .expect(StatusCode::CREATED);
    let path = made.location();
    assert_eq!(path, format!("/api/workspaces/{}", made.text("id")));
    assert_eq!(made.text("name"), "Analytical Engines");
    assert_eq!(made.json["description"], Value::Null);
    assert_eq!(made.json["updatedAt"], Value::Null);

    let read = ada.get(&path).await.expect(StatusCode::OK);
    assert_eq!(read.json, made.json);
    assert_eq!(read.etag(), made.etag());

    let patch = json!({"name": "Engines", "description": "Of brass"});
    let changed = ada.patch(&path, patch).await.expect(StatusCode::OK);
    assert_eq!(changed.text("name"), "Engines");
    assert_eq!(changed.text("description"), "Of brass");
    assert!(changed.text("updatedAt") >= changed.text("createdAt"));
    assert_ne!(changed.etag(), made.etag());
    assert_eq!(ada.get(&path).await.json, changed.json);

    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    ada.get(&path)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn system_fields_are_not_shown() {
    let app = App::start().await;
    let made = app
        .user("ada")
        .post("/api/workspaces", json!({"name": "W"}))
        .await;
    let mut names: Vec<_> = made.json.as_object().unwrap().keys().collect();
    names.sort();
    let expected = ["createdAt", "description", "id", "name", "updatedAt"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn only_my_workspaces_are_listed_with_my_role_page_by_page() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let mut mine = Vec::new();
    for number in 0..7 {
        let theirs = bob.workspace().await;
        let name = format!("W{number}");
        let made = ada.post("/api/workspaces", json!({"name": name})).await;
        mine.push((name, "owner"));
        if number == 3 {
            let member = format!("{theirs}/members/ada");
            bob.put(&member, json!({"role": "viewer"})).await;
            mine.push(("Workspace".to_owned(), "viewer"));
            let left = bob.workspace().await;
            let member = format!("{left}/members/ada");
            bob.put(&member, json!({"role": "editor"})).await;
            ada.delete(&member).await.expect(StatusCode::NO_CONTENT);
        }
        assert_eq!(made.text("name"), format!("W{number}"));
    }
    let pages = ada.pages("/api/workspaces?limit=3").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
    let listed = pages.concat();
    let listed: Vec<_> = listed
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap().to_owned(),
                one["role"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(listed, mine, "the longest membership first");
}

#[tokio::test]
async fn a_new_name_is_listed_for_whoever_has_opened_the_workspace() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let workspace = ada.workspace().await;
    let member = format!("{workspace}/members/bob");
    ada.put(&member, json!({"role": "viewer"})).await;
    let listed = async |user: &str| {
        let page = app.user(user).get("/api/workspaces").await;
        page.json["value"][0]["name"].as_str().unwrap().to_owned()
    };
    ada.patch(&workspace, json!({"name": "Engines"})).await;
    assert_eq!(listed("ada").await, "Engines");
    assert_eq!(listed("bob").await, "Workspace");
    assert_eq!(bob.get(&workspace).await.text("name"), "Engines");
    assert_eq!(listed("bob").await, "Engines");
}

/// All of an answer but what differs every time.
fn shown(answer: Answer) -> (Vec<(String, String)>, Value) {
    let answer = answer.expect_problem(StatusCode::NOT_FOUND, "not-found");
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    let mut json = answer.json.clone();
    json["instance"] = Value::Null;
    (headers.collect(), json)
}

#[tokio::test]
async fn a_stranger_is_not_told_what_exists() {
    let app = App::start().await;
    let (ada, eve) = (app.user("ada"), app.user("eve"));
    let workspace = ada.workspace().await;
    let body = json!({"name": "Secret", "visibility": "private"});
    let secret = ada.project(&workspace, body).await;
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let missing = format!("/api/workspaces/{id}");
    let nothing = shown(eve.get(&missing).await);
    for _known_by_now in 0..2 {
        for workspace in [&workspace, &missing] {
            let projects = format!("{workspace}/projects");
            let patch = json!({"name": "Mine"});
            for answer in [
                eve.get(workspace).await,
                eve.patch(workspace, patch.clone()).await,
                eve.delete(workspace).await,
                eve.get(&projects).await,
                eve.get(&format!("{projects}?limit=1&tag=a")).await,
                eve.post(&projects, json!({"name": "P"})).await,
                eve.get(&format!("{projects}/{}", secret.text("id"))).await,
                eve.get(&format!("{projects}/{id}")).await,
                eve.get(&format!("{projects}/by-slug/secret")).await,
                eve.get(&format!("{projects}/by-slug/secrets")).await,
                eve.patch(&format!("{projects}/{}", secret.text("id")), patch.clone())
                    .await,
                eve.delete(&format!("{projects}/{id}")).await,
                eve.put(
                    &format!("{workspace}/members/eve"),
                    json!({"role": "owner"}),
                )
                .await,
                eve.delete(&format!("{workspace}/members/ada")).await,
                eve.get(&format!("{workspace}/members/ada")).await,
                eve.get(&format!("{workspace}/members")).await,
            ] {
                assert_eq!(shown(answer), nothing);
            }
        }
    }
    assert_eq!(ada.get(&secret.location()).await.json, secret.json);
}

#[tokio::test]
async fn many_changes_at_once_are_all_made() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let adds = (0..50).map(|n| {
        let member = format!("{workspace}/members/user-{n}");
        let ada = &ada;
        async move { ada.put(&member, json!({"role": "viewer"})).await }
    });
    for added in futures::future::join_all(adds).await {
        added.expect(StatusCode::CREATED);
    }
    let members = ada.pages(&format!("{workspace}/members")).await.concat();
    assert_eq!(members.len(), 51);
}

#[tokio::test]
async fn a_workspace_with_projects_is_not_deleted() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    let project = ada.project(&path, json!({"name": "P"})).await.location();
    ada.delete(&path)
        .await
        .expect_problem(StatusCode::CONFLICT, "workspace-not-empty");
    ada.delete(&project).await.expect(StatusCode::NO_CONTENT);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn without_a_caller_nothing_is_answered_but_health() {
    let app = App::start().await;
    let path = app.user("ada").workspace().await;
    for protected in ["/api/workspaces", path.as_str()] {
        let refused = app.handler.get(protected).await;
        let refused = refused.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        assert!(refused.headers.contains_key("www-authenticate"));
    }
    let too_long = "x".repeat(321);
    app.user(&too_long)
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    app.handler
        .get("/api/health/ready")
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn every_answer_has_the_headers_callers_count_on() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    let read = ada.get(&path).await;
    let listed = ada.get("/api/workspaces").await;
    let missing = app.handler.get("/nowhere").await;
    for answer in [&read, &listed, &missing] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(read.header("cache-control"), "private, no-cache");
    assert_eq!(listed.header("cache-control"), "no-store");
    assert_eq!(missing.header("cache-control"), "no-store");
    // One read for the check of the membership, one for the answer.
    assert_eq!(read.header("x-ms-request-charge"), "2.00");
    assert_eq!(missing.header("x-ms-request-charge"), "");
    missing.expect_problem(StatusCode::NOT_FOUND, "no-such-route");
}

#[tokio::test]
async fn a_method_a_resource_does_not_take_is_answered_with_those_it_takes() {
    let app = App::start().await;
    let ada = app.user("ada");
    let refused = Answer::of(ada.request(reqwest::Method::PUT, "/api/workspaces")).await;
    let refused = refused.expect_problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    assert_eq!(refused.header("allow"), "POST,GET,HEAD");
}

/// As after a restore by hand that left it out.
#[tokio::test]
async fn a_workspace_without_its_marker_is_as_good_as_any() {
    let app = App::start().await;
    let ada = app.user("ada");
    for path in ["projects", "members/bob"] {
        let workspace = ada.workspace().await;
        let id = workspace.rsplit('/').next().unwrap();
        app.batch(id, vec![json!({"operationType": "Delete", "id": "open"})])
            .await;
        let path = format!("{workspace}/{path}");
        let made = if path.ends_with("bob") {
            ada.put(&path, json!({"role": "viewer"})).await
        } else {
            ada.post(&path, json!({"name": "P"})).await
        };
        made.expect(StatusCode::CREATED);
    }
    let workspace = ada.workspace().await;
    let id = workspace.rsplit('/').next().unwrap();
    app.batch(id, vec![json!({"operationType": "Delete", "id": "open"})])
        .await;
    ada.delete(&workspace).await.expect(StatusCode::NO_CONTENT);
}
