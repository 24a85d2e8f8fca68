//! Whatever is in the path, it reaches nothing that it does not name.

use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn tricks_in_the_path_reach_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "P"})).await;
    let id = made.text("id").to_owned();
    let undashed = id.replace('-', "");
    for (trick, named) in [
        ("..%2f..%2fusers".to_owned(), "projectId"),
        (format!("{id}%00"), "projectId"),
        (format!("{id}%2f"), "projectId"),
        (format!("{id}%3f"), "projectId"),
        (format!("{id}%23"), "projectId"),
        (format!("%7b{id}%7d"), "projectId"),
        ("%ff".to_owned(), "projectId"),
        (undashed, "projectId"),
        ("slug:p".to_owned(), "projectId"),
        ("x".repeat(5_000), "projectId"),
        ("by-slug/..".to_owned(), "slug"),
        ("by-slug/%2e%2e%2f".to_owned(), "slug"),
        ("by-slug/P".to_owned(), "slug"),
        ("by-slug/p%00".to_owned(), "slug"),
        ("by-slug/%c3%28".to_owned(), "slug"),
        (format!("by-slug/{}", "x".repeat(81)), "slug"),
    ] {
        let path = format!("{workspace}/projects/{trick}");
        for method in [Method::GET, Method::DELETE] {
            let answer = raw(&app, &method, &path).await;
            assert!(
                matches!(answer.status.as_u16(), 400 | 404 | 405),
                "{method} {path}: {answer:?}"
            );
            if answer.status == StatusCode::BAD_REQUEST {
                assert!(
                    answer.text("detail").contains(&format!("`{named}`")),
                    "{path}"
                );
            }
        }
    }
    for id in ["..", "%2e%2e", ".", "%2e", "a%2f.."] {
        let answer = raw(&app, &Method::DELETE, &format!("{workspace}/members/{id}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}");
        assert!(answer.text("detail").contains("`userId`"), "{id}");
    }
    assert_eq!(ada.get(&made.location()).await.json, made.json);
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
