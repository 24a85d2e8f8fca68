//! Whatever is in the path, it reaches nothing that it does not name.

use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn tricks_in_the_path_reach_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.get(&workspace).await;
    let id = made.text("id");
    let tricks = [
        "..%2f..%2fusers".to_owned(),
        format!("{id}%00"),
        format!("{id}%2f"),
        format!("{id}%3f"),
        format!("{id}%23"),
        format!("%7b{id}%7d"),
        "%ff".to_owned(),
        id.replace('-', ""),
        "open".to_owned(),
        "x".repeat(5_000),
    ];
    for trick in tricks {
        refused(&app, &format!("/api/workspaces/{trick}"), "workspaceId").await;
    }
    for id in ["..", "%2e%2e", ".", "%2e", "a%2f.."] {
        let answer = raw(&app, &Method::DELETE, &format!("{workspace}/members/{id}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}");
        assert!(answer.text("detail").contains("`userId`"), "{id}");
    }
    assert_eq!(ada.get(&workspace).await.json, made.json);
}

#[tokio::test]
async fn tricks_in_a_slug_reach_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "P"})).await;
    let path = format!("{workspace}/projects/slug:p");
    refused(&app, &path, "projectId").await;
    let long = "x".repeat(81);
    for trick in ["..", "%2e%2e%2f", "P", "p%00", "%c3%28", &long] {
        let path = format!("{workspace}/projects/by-slug/{trick}");
        refused(&app, &path, "slug").await;
    }
    assert_eq!(ada.get(&made.location()).await.json, made.json);
}

/// Neither read nor deleted; a 400 names the parameter.
async fn refused(app: &App, path: &str, parameter: &str) {
    for method in [Method::GET, Method::DELETE] {
        let answer = raw(app, &method, path).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404 | 405),
            "{method} {path}: {answer:?}"
        );
        let named = answer.text("detail").contains(&format!("`{parameter}`"));
        let is_bad = answer.status == StatusCode::BAD_REQUEST;
        assert!(named || !is_bad, "{path}");
    }
}

/// Sends the path as it is written: HTTP clients tidy `..` away before they send.
async fn raw(app: &App, method: &Method, path: &str) -> Answer {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = app.handler.address();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nx-dev-user: ada\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: reqwest::header::HeaderMap::default(),
        json: serde_json::from_str(body).unwrap_or(Value::Null),
    }
}
