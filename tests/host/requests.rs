//! Requests through the host, in both ways it passes them on.

use crate::kit::Host;
use crate::staged::{self, Staged};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

async fn json_of(response: Response, status: StatusCode) -> Value {
    assert_eq!(response.status(), status);
    response.json().await.unwrap()
}

/// What a stranger does in the first five minutes.
pub(crate) async fn a_project_lives_and_dies(app: &Staged) {
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let workspace = created.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(created.status(), StatusCode::CREATED);

    let projects = format!("{workspace}/projects");
    let create = app.request(Method::POST, &projects);
    let created = create
        .json(&json!({"name": "Plan A"}))
        .send()
        .await
        .unwrap();
    let project = created.headers()["location"].to_str().unwrap().to_owned();
    let created = json_of(created, StatusCode::CREATED).await;

    let list = app.request(Method::GET, &format!("{projects}?orderBy=-name&limit=5"));
    let listed = json_of(list.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(listed, json!({"value": [created]}));

    let by_slug = app.request(Method::GET, &format!("{projects}/by-slug/plan-a"));
    assert_eq!(
        json_of(by_slug.send().await.unwrap(), StatusCode::OK).await,
        created
    );

    let patch = app
        .request(Method::PATCH, &project)
        .json(&json!({"tags": ["a"]}));
    let changed = json_of(patch.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(changed["tags"], json!(["a"]));

    let member = app.request(Method::PUT, &format!("{workspace}/members/bob"));
    let added = member
        .json(&json!({"role": "viewer"}))
        .send()
        .await
        .unwrap();
    assert_eq!(added.status(), StatusCode::CREATED);
    let me = app.request(Method::PUT, "/api/users/me").json(&json!({}));
    assert_eq!(me.send().await.unwrap().status(), StatusCode::CREATED);

    for path in [project, workspace] {
        let deleted = app.request(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn the_app_works_where_the_host_proxies() {
    a_project_lives_and_dies(&Staged::start().await).await;
}

#[tokio::test]
async fn the_app_works_where_the_host_forwards() {
    a_project_lives_and_dies(&Staged::start_older().await).await;
}

#[tokio::test]
async fn a_path_of_no_function_never_reaches_the_handler() {
    let app = Staged::start().await;
    for path in ["/api/nothing", "/api", "/workspaces", "/api/workspaces/1/2"] {
        let answer = app.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.bytes().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_method_no_function_limits_is_answered_by_the_app() {
    let app = Staged::start().await;
    let answer = app
        .request(Method::PUT, "/api/workspaces")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST,GET,HEAD");
}

#[tokio::test]
async fn a_problem_is_found_in_the_log_by_its_instance() {
    for app in [Staged::start().await, Staged::start_older().await] {
        let missing = "/api/workspaces/0190163d-8694-739b-aea5-966c26f8ad91";
        let answer = app.request(Method::GET, missing).send().await.unwrap();
        let problem = json_of(answer, StatusCode::NOT_FOUND).await;
        let instance = problem["instance"].as_str().unwrap();
        let line = app.host.logs().line_with(instance).await.unwrap();
        assert!(
            line.text.contains("/api/workspaces/{workspaceId}"),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn a_change_repeated_after_a_broken_connection_is_made_once() {
    let app = Staged::start().await;
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let path = created.headers()["location"].to_str().unwrap().to_owned();

    app.host.break_connection_once();
    let patch = app
        .request(Method::PATCH, &path)
        .json(&json!({"name": "Q"}));
    let changed = json_of(patch.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(changed["name"], "Q");

    app.host.break_connection_once();
    let read = app.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(json_of(read, StatusCode::OK).await, changed);
}

/// With neither flag the host would hand HTTP requests over in its envelope, which this app does not read:
/// the invocation fails, and nobody is told that something was done.
#[tokio::test]
async fn a_host_json_without_proxying_and_forwarding_fails_loudly() {
    let folder = staged::folder();
    let host_json = staged::app(&folder).join("host.json");
    let text = std::fs::read_to_string(&host_json).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    let flags = json["customHandler"].as_object_mut().unwrap();
    flags.retain(|name, _| name == "description");
    std::fs::write(&host_json, json.to_string()).unwrap();

    let host = Host::start(&staged::app(&folder), &[("AUTH_MODE", "dev")])
        .await
        .unwrap();
    let url = format!("{}/api/workspaces", host.url());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn nothing_is_answered_at_the_paths_of_invocations() {
    let app = Staged::start().await;
    for function in app.host.functions() {
        let url = format!("{}/{}", app.host.handler_url(), function.name);
        let post = reqwest::Client::new().post(url).json(&json!({"Data": {}}));
        let answer = post.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{}", function.name);
    }
}
