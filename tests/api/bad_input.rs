//! Whatever is sent, the answer is a 4xx that names what is wrong, and nothing is stored.

use crate::app::{Answer, App, User};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Sends raw bytes as something new.
async fn post_bytes(user: &User<'_>, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = user
        .request(Method::POST, path)
        .header("content-type", "application/json")
        .body(body.into());
    Answer::of(request).await
}

async fn nothing_was_stored(user: &User<'_>, list: &str) {
    let found = user.get(list).await;
    assert_eq!(found.json, json!({"value": []}));
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = "/api/workspaces";
    let deep = "[".repeat(100_000);
    for body in [
        b"{".to_vec(),
        b"".to_vec(),
        b"{\"name\": \"\xff\xfe\"}".to_vec(),
        b"{\"name\": \"\\ud800\"}".to_vec(),
        b"{\"name\": \"a\0b\"}".to_vec(),
        b"{\"name\": \"a\"} {}".to_vec(),
        b"{\"name\": NaN}".to_vec(),
        deep.into_bytes(),
    ] {
        post_bytes(&ada, list, body)
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "malformed-request");
    }
    nothing_was_stored(&ada, list).await;
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_with_its_limit() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = format!("{}/projects", ada.workspace().await);
    let tags: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    for (body, pointers) in [
        (json!([]), vec![""]),
        (json!("name"), vec![""]),
        (json!(null), vec![""]),
        (json!({}), vec!["/name"]),
        (json!({"name": null}), vec!["/name"]),
        (json!({"name": ""}), vec!["/name"]),
        (json!({"name": " "}), vec!["/name"]),
        (json!({"name": "\u{200b}\u{2060}"}), vec!["/name"]),
        (json!({"name": "a\u{0}b"}), vec!["/name"]),
        (json!({"name": "x", "tags": ["a\nb"]}), vec!["/tags/0"]),
        (json!({"name": "x".repeat(201)}), vec!["/name"]),
        (json!({"name": "x", "tags": tags}), vec!["/tags"]),
        (
            json!({"name": "x", "id": "mine", "_etag": ""}),
            vec!["/_etag", "/id"],
        ),
        (
            json!({
                "name": 7,
                "description": "x".repeat(2_001),
                "visibility": "secret",
                "tags": ["a", "a", "", 3, "x".repeat(51)],
                "a/b~": true,
            }),
            vec![
                "/a~1b~0",
                "/description",
                "/name",
                "/tags/1",
                "/tags/2",
                "/tags/3",
                "/tags/4",
                "/visibility",
            ],
        ),
    ] {
        let refused = ada.post(&list, body).await;
        let refused = refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
        assert_eq!(refused.pointers(), pointers);
    }
    let refused = ada.post(&list, json!({"name": "x".repeat(201)})).await;
    assert_eq!(
        refused.json["errors"][0]["detail"],
        "must have 1 to 200 characters, not 201"
    );
    nothing_was_stored(&ada, &list).await;
}

#[tokio::test]
async fn the_longest_values_fit_in_any_script() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let tags: Vec<_> = (10..30)
        .map(|n| format!("{n}{}", "界".repeat(48)))
        .collect();
    let body = json!({
        "name": "🦀".repeat(200),
        "description": "\u{0}\u{1F600}'\"\\`;--".repeat(200),
        "tags": tags,
    });
    let made = ada.project(&workspace, body.clone()).await;
    let read = ada.get(&made.location()).await;
    for field in ["name", "description", "tags"] {
        assert_eq!(read.json[field], body[field]);
    }
}

#[tokio::test]
async fn a_wrong_patch_changes_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "P"})).await;
    for patch in [
        json!({"name": null}),
        json!({"visibility": "secret"}),
        json!({"tags": "engine"}),
        json!({"name": "Q", "slug": "mine"}),
        json!({"name": "Q", "authorId": "eve"}),
        json!([{"op": "replace", "path": "/name", "value": "Q"}]),
    ] {
        let refused = ada.patch(&made.location(), patch).await;
        refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
    }
    assert_eq!(ada.get(&made.location()).await.json, made.json);
}

#[tokio::test]
async fn bodies_of_another_media_type_are_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = "/api/workspaces";
    for media_type in [
        "text/plain",
        "application/jsonx",
        "application/merge-patch+json",
        "",
    ] {
        let request = ada
            .request(Method::POST, list)
            .header("content-type", media_type)
            .body("{\"name\": \"P\"}");
        let refused = Answer::of(request)
            .await
            .expect_problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
        assert_eq!(refused.header("accept"), "application/json");
    }
    nothing_was_stored(&ada, list).await;

    let request = ada
        .request(Method::POST, list)
        .header("content-encoding", "gzip");
    Answer::of(request.json(&json!({"name": "P"})))
        .await
        .expect_problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
    nothing_was_stored(&ada, list).await;

    let made = post_bytes(&ada, list, "{\"name\": \"P\"}").await;
    for (media_type, status) in [
        ("application/merge-patch+json", StatusCode::OK),
        ("Application/JSON; charset=utf-8", StatusCode::OK),
        (
            "application/json-patch+json",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
    ] {
        let patch = ada
            .request(Method::PATCH, &made.location())
            .header("content-type", media_type)
            .body("{\"name\": \"Q\"}");
        Answer::of(patch).await.expect(status);
    }
}

#[tokio::test]
async fn a_body_over_two_megabytes_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let list = "/api/workspaces";
    let body = format!("{{\"name\": \"{}\"}}", "x".repeat(3_000_000));
    let refused = post_bytes(&ada, list, body.clone()).await;
    let refused = refused.expect_problem(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large");
    assert!(refused.text("detail").contains("2097152"));

    // The same without a Content-Length, in chunks.
    let chunks = body
        .into_bytes()
        .chunks(10_000)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>();
    let stream = futures::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
    let request = ada
        .request(Method::POST, list)
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(stream));
    Answer::of(request)
        .await
        .expect_problem(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large");
    nothing_was_stored(&ada, list).await;
}

#[tokio::test]
async fn a_request_that_is_refused_early_is_answered_after_its_body() {
    let app = App::start().await;
    let big = "x".repeat(1_500_000);
    for (method, path, status) in [
        (Method::POST, "/api/workspaces", 401),
        (Method::PATCH, "/api/workspaces/1", 401),
        (Method::POST, "/nowhere", 404),
        (Method::PUT, "/api/workspaces", 405),
        (Method::DELETE, "/api/workspaces/1", 401),
    ] {
        for _ in 0..5 {
            let request = app.handler.request(method.clone(), path).body(big.clone());
            assert_eq!(Answer::of(request).await.status, status, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_caller_who_is_named_twice_is_nobody() {
    let app = App::start().await;
    let twice = app.user("ada").request(Method::GET, "/api/workspaces");
    Answer::of(twice.header("x-dev-user", "eve"))
        .await
        .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
}
