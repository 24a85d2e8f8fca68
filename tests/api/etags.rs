use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_malformed_precondition_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    for malformed in ["abc", "\"open", "\"a\" \"b\"", "*, \"a\"", "\"a b\""] {
        let patch = ada
            .request(Method::PATCH, &path)
            .json(&json!({"name": "Q"}));
        Answer::of(patch.header("if-match", malformed))
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "malformed-request");
    }
    assert_eq!(ada.get(&path).await.text("name"), "Workspace");
}

/// A request for the resource at `path`, with these headers.
async fn ask(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = app.user("ada").request(method.clone(), path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if method == Method::PATCH {
        request = request.json(&json!({"name": "Q"}));
    } else if method == Method::PUT {
        request = request.json(&json!({"displayName": "Ada"}));
    } else if method == Method::HEAD {
        // A problem without its body.
        return request.send().await.unwrap().status();
    }
    Answer::of(request).await.status
}

#[tokio::test]
async fn every_condition_is_looked_at_in_its_order() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    let slug = format!("{workspace}/projects/by-slug/p");
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let asset = "/api/docs/page.js".to_owned();
    for path in [
        project.location(),
        slug,
        workspace,
        "/api/users/me".to_owned(),
        asset,
    ] {
        let etag = ada.get(&path).await.etag().to_owned();
        let weak = format!("W/{etag}");
        for method in [Method::GET, Method::HEAD] {
            for (headers, status) in [
                (vec![("if-match", "\"stale\"")], 412),
                (vec![("if-match", &weak)], 412),
                (vec![("if-match", "*")], 200),
                (vec![("if-match", &etag), ("if-none-match", "*")], 304),
                (
                    vec![("if-match", "\"stale\""), ("if-none-match", &etag)],
                    412,
                ),
                (vec![("if-none-match", &weak)], 304),
                (
                    vec![("if-none-match", "\"a\""), ("if-none-match", &etag)],
                    304,
                ),
                // What is empty is not there.
                (vec![("if-match", ""), ("if-none-match", " , ")], 200),
                (vec![("if-none-match", &format!(", ,{etag},"))], 304),
            ] {
                let found = ask(&app, method.clone(), &path, &headers).await;
                assert_eq!(found, status, "{method} {path} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_is_not_made_to_a_version_it_is_not_for() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let changes = [Method::PATCH, Method::DELETE].map(|method| (method, project.location()));
    let of_workspace = [Method::PATCH, Method::DELETE].map(|method| (method, workspace.clone()));
    let member = format!("{workspace}/members/ada");
    let puts = [(Method::PUT, "/api/users/me".to_owned())];
    for (method, path) in changes.into_iter().chain(of_workspace).chain(puts) {
        let etag = ada.get(&path).await.etag().to_owned();
        let weak = format!("W/{etag}");
        for headers in [
            vec![("if-match", weak.as_str())],
            vec![("if-none-match", &etag)],
            vec![("if-none-match", "*")],
            vec![("if-match", &etag), ("if-none-match", "*")],
            vec![("if-match", "\"stale\""), ("if-none-match", "\"other\"")],
        ] {
            let status = ask(&app, method.clone(), &path, &headers).await;
            assert_eq!(status, 412, "{method} {path} {headers:?}");
        }
        assert_eq!(ada.get(&path).await.etag(), etag, "{method} {path}");
    }
    let etag = ada.get(&member).await.etag().to_owned();
    let status = ask(&app, Method::DELETE, &member, &[("if-none-match", &etag)]).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    let etag = ada.get(&workspace).await.etag().to_owned();
    let several = format!("\"stale\", {etag}");
    let other = [
        ("if-match", several.as_str()),
        ("if-none-match", "\"other\""),
    ];
    assert_eq!(
        ask(&app, Method::PATCH, &workspace, &other).await,
        StatusCode::OK
    );
}

/// The head of the answer, as it is on the wire.
async fn raw(app: &App, method: &str, path: &str, etag: &str) -> String {
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nx-dev-user: ada\r\nif-none-match: {etag}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer.to_lowercase()
}

#[tokio::test]
async fn not_modified_does_not_say_that_there_is_nothing() {
    let app = App::start().await;
    let workspace = app.user("ada").workspace().await;
    for path in [workspace.as_str(), "/api/docs/page.js"] {
        let etag = app.user("ada").get(path).await.etag().to_owned();
        for method in ["GET", "HEAD"] {
            let answer = raw(&app, method, path, &etag).await;
            assert!(answer.starts_with("http/1.1 304 "), "{answer}");
            assert!(!answer.contains("content-length"), "{answer}");
            assert!(!answer.contains("transfer-encoding"), "{answer}");
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        }
    }
    let answer = raw(&app, "HEAD", &workspace, "\"other\"").await;
    assert!(!answer.contains("content-length: 0"), "{answer}");
}
