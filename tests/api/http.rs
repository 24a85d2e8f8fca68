//! HTTP to the letter: hosts, paths, queries and headers as they may be written.

use crate::app::{Answer, App};
use crate::issuer::Issuer;
use crate::tokens;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The status of the answer to these lines, sent as they are.
async fn status_of(app: &App, lines: &[&str]) -> u16 {
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let request = format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n"));
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

const LIVE: &str = "GET /api/health/live HTTP/1.1";

#[tokio::test]
async fn a_request_names_its_host_once() {
    let issuer = Issuer::start().await;
    let app = tokens::start(&issuer, &[]).await;
    for (lines, status) in [
        (vec![LIVE], 400),
        (vec![LIVE, "host: localhost", "host: localhost"], 400),
        (vec![LIVE, "host: a b@c/"], 400),
        (vec![LIVE, "host: user@localhost"], 400),
        (vec![LIVE, "host: app.example:8080"], 200),
        (vec!["GET /api/health/live HTTP/1.0"], 200),
    ] {
        assert_eq!(status_of(&app, &lines).await, status, "{lines:?}");
    }
}

#[tokio::test]
async fn callers_are_taken_at_their_word_only_under_a_name_of_this_machine() {
    let app = App::start().await;
    for (lines, status) in [
        (vec![LIVE, "host: evil.example"], 400),
        (vec![LIVE, "host: localhost.evil.example"], 400),
        (
            vec![
                LIVE,
                "host: 127.0.0.1:7071",
                "x-forwarded-host: evil.example",
            ],
            400,
        ),
        (
            vec![
                LIVE,
                "host: 127.0.0.1:7071",
                "x-forwarded-host: localhost:7071",
            ],
            200,
        ),
        (vec![LIVE, "host: LOCALHOST:1"], 200),
        (vec![LIVE, "host: [::1]:7071"], 200),
    ] {
        assert_eq!(status_of(&app, &lines).await, status, "{lines:?}");
    }
}

#[tokio::test]
async fn a_path_may_be_written_in_every_form_that_means_the_same() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for path in ["/api/%68ealth/live", "/api/health/live/"] {
        app.handler.get(path).await.expect(StatusCode::OK);
    }
    for path in [
        format!("{workspace}/"),
        workspace.replace("workspaces", "work%73paces"),
    ] {
        assert_eq!(
            ada.get(&path).await.expect(StatusCode::OK).text("name"),
            "Workspace"
        );
    }
    let made = ada.post("/api/workspaces/", json!({"name": "W"})).await;
    made.expect(StatusCode::CREATED);
    let list = ada
        .get("/api/workspaces/?limit=1")
        .await
        .expect(StatusCode::OK);
    let next = list.text("nextLink");
    assert!(next.starts_with("/api/workspaces?"), "{next}");
    ada.get(next).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn parameters_of_what_stands_in_front_are_passed_over() {
    let app = App::start().await;
    let ada = app.user("ada");
    for _ in 0..2 {
        ada.workspace().await;
    }
    let query = "limit=1&subscription-key=secret&code=secret&api-version=1";
    let list = ada.get(&format!("/api/workspaces?{query}")).await;
    let next = list.expect(StatusCode::OK).text("nextLink").to_owned();
    assert!(
        !next.contains("secret") && !next.contains("api-version"),
        "{next}"
    );
    ada.get("/api/workspaces?other=1")
        .await
        .expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
}

#[tokio::test]
async fn what_is_no_utf_8_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    for query in ["email=%ff", "email=a%c3", "limit=%fe"] {
        ada.get(&format!("/api/users?{query}"))
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
    }
}

#[tokio::test]
async fn a_field_or_a_content_type_that_is_there_twice_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let post = || ada.request(Method::POST, "/api/workspaces");
    for body in [
        r#"{"name": "first", "name": "second"}"#,
        r#"{"name": "x", "description": {"a": [{"b": 1, "\u0062": 2}]}}"#,
    ] {
        let request = post().header("content-type", "application/json").body(body);
        let refused = Answer::of(request).await;
        let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "malformed-request");
        assert!(refused.text("detail").contains("twice"), "{refused:?}");
    }
    let two = post().header("content-type", "application/json");
    let two = two
        .header("content-type", "text/plain")
        .body(r#"{"name": "x"}"#);
    Answer::of(two)
        .await
        .expect_problem(StatusCode::BAD_REQUEST, "malformed-request");
}

#[tokio::test]
async fn text_that_looks_the_same_is_the_same() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let projects = format!("{workspace}/projects");
    let body = json!({"name": "Cafe\u{301}", "tags": ["e\u{301}"], "description": "e\u{301}"});
    let project = ada.project(&workspace, body).await;
    assert_eq!(project.text("name"), "Caf\u{e9}");
    assert_eq!(project.text("description"), "\u{e9}");
    for query in ["q=Cafe%CC%81", "q=caf%C3%A9", "tag=e%CC%81", "tag=%C3%A9"] {
        let found = ada.get(&format!("{projects}?{query}")).await;
        assert_eq!(found.json["value"].as_array().unwrap().len(), 1, "{query}");
    }
    let twice = json!({"name": "x", "tags": ["\u{e9}", "e\u{301}"]});
    let refused = ada.post(&projects, twice).await;
    let refused = refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
    assert_eq!(refused.pointers(), ["/tags/1"]);
}

#[tokio::test]
async fn pages_of_other_sites_may_read_the_headers_they_need() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for answer in [ada.get(&workspace).await, ada.get("/api/nothing").await] {
        let exposed = answer.header("access-control-expose-headers");
        for name in ["ETag", "Location", "Retry-After", "x-ms-request-charge"] {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
}

#[tokio::test]
async fn the_instance_of_a_problem_is_a_uri_that_names_the_invocation() {
    let app = App::start().await;
    let id = "2f1a9c3e-0000-4000-8000-000000000000";
    for (given, instance) in [
        (id, format!("urn:uuid:{id}")),
        ("a b/c", "urn:invocation:a+b%2Fc".to_owned()),
    ] {
        let request = app.user("ada").request(Method::GET, "/api/nothing");
        let answer = Answer::of(request.header("x-ms-invocation-id", given)).await;
        assert_eq!(answer.text("instance"), instance);
    }
}
