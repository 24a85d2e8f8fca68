//! Requests through the host.

use crate::lifetime::{a_workspace_lives_and_dies, json_of};
use crate::staged::{self, Staged};
use functions_host::{Host, Severity};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn the_app_works_where_the_host_proxies() {
    let app = Staged::start().await;
    a_workspace_lives_and_dies(|method, path| app.request(method, path)).await;
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
    let app = Staged::with(&[("RUST_LOG", "info,rest=debug")]).await;
    let missing = "/api/workspaces/0190163d-8694-739b-aea5-966c26f8ad91";
    let answer = app.request(Method::GET, missing).send().await.unwrap();
    let problem = json_of(answer, StatusCode::NOT_FOUND).await;
    let instance = problem["instance"].as_str().unwrap();
    let instance = instance.trim_start_matches("urn:uuid:");
    let line = app.host.logs().line_with(instance).await.unwrap();
    assert!(
        line.text.contains("/api/workspaces/{workspaceId}"),
        "{line:?}"
    );
}

#[tokio::test]
async fn what_the_host_repeats_is_done_once_and_what_it_does_not_the_caller_repeats() {
    let app = Staged::start().await;
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let path = created.headers()["location"].to_str().unwrap().to_owned();

    // A body that was sent is not sent again: the host does not know what became of it.
    app.host.break_connection_once();
    let patch = || {
        app.request(Method::PATCH, &path)
            .json(&json!({"name": "Q"}))
    };
    let lost = patch().send().await.unwrap();
    assert_eq!(lost.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let changed = json_of(patch().send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(changed["name"], "Q");

    app.host.break_connection_once();
    let read = app.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(json_of(read, StatusCode::OK).await, changed);
}

/// The host decodes a path and encodes it again, so ids in paths have no character that this changes.
#[tokio::test]
async fn a_member_whose_subject_has_a_slash_is_reached() {
    let app = Staged::start().await;
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let workspace = created.headers()["location"].to_str().unwrap().to_owned();
    let member = format!("{workspace}/members/a~2Fb");
    let add = app.request(Method::PUT, &member);
    let added = add.json(&json!({"role": "viewer"})).send().await.unwrap();
    assert_eq!(added.headers()["location"], member.as_str());
    let added = json_of(added, StatusCode::CREATED).await;
    assert_eq!(added["userId"], "a~2Fb");

    let again = format!("{workspace}/members/x/../%61%7E2Fb");
    for path in [&member, &again] {
        let (status, body) = as_written(&app, path).await;
        assert_eq!(status, "200 OK", "{path}: {body}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), added);
    }
    let slash = format!("{workspace}/members/a%2Fb");
    let (status, body) = as_written(&app, &slash).await;
    assert_eq!(status, "400 Bad Request", "{body}");
}

/// What is answered to a `GET` of `ada` whose path no client changes: status and body.
async fn as_written(app: &Staged, path: &str) -> (String, String) {
    let address = app.host.url().trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.0\r\nx-dev-user: ada\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (_version, status) = head.lines().next().unwrap().split_once(' ').unwrap();
    (status.to_owned(), body.to_owned())
}

/// A host that does not proxy hands HTTP requests over in its envelope, which this app does not read:
/// the invocation fails, and nobody is told that something was done.
#[tokio::test]
async fn without_proxying_every_request_fails_loudly() {
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
    for _ in 0..3 {
        let url = format!("{}/api/workspaces", host.url());
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
    let advice = "set customHandler.enableProxyingHttpRequest";
    let said = host.logs().line_with(advice).await.unwrap();
    assert_eq!(said.severity, Severity::Error);
    host.kill();
    assert_eq!(host.logs().to_string().matches(advice).count(), 1);
}

#[tokio::test]
async fn nothing_is_answered_at_the_paths_of_invocations() {
    let app = Staged::start().await;
    for function in app.host.functions() {
        let url = format!("{}/{}", app.host.handler_url(), function.name);
        let post = || {
            let post = reqwest::Client::new().post(&url);
            post.json(&json!({"Data": {}}))
        };
        let forged = post()
            .header("host", "localhost")
            .header("x-azure-functions-invocationid", "1")
            .header("x-azure-functions-hostversion", "4");
        for request in [post(), forged] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{}", function.name);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_413_up_to_what_the_host_takes() {
    let app = Staged::start().await;
    for megabytes in [3, 17, 99] {
        let post = app.request(Method::POST, "/api/workspaces");
        let post = post.header("content-type", "application/json");
        let answer = post.body(vec![b' '; megabytes << 20]).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "body-too-large", "{megabytes}");
    }
}

#[tokio::test]
async fn paths_are_case_sensitive_for_the_app_though_not_for_the_host() {
    let app = Staged::start().await;
    let answer = app
        .request(Method::GET, "/API/Workspaces")
        .send()
        .await
        .unwrap();
    let problem = json_of(answer, StatusCode::NOT_FOUND).await;
    assert_eq!(problem["code"], "no-such-route");
}
