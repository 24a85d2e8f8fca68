//! How the host passes requests on.

use super::{PROXYING, SETTINGS, app, echoed, get, host, raw};
use functions_host::{Host, Options};
use futures::stream;
use reqwest::{Body, Client, Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::io::Error;
use std::time::Instant;

#[tokio::test]
async fn repeated_keys_and_chunked_bodies_arrive_unchanged() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let chunks = stream::iter(["a", "b"].map(Ok::<_, Error>));
    let post = Client::new()
        .post(format!("{}/api/echo?tag=a&tag=b", host.url()))
        .header("cookie", "c=1")
        .body(Body::wrap_stream(chunks));
    let got = echoed(post).await;
    assert_eq!(got["uri"], "/api/echo?tag=a&tag=b");
    assert_eq!(got["body"], "ab");
    assert_eq!(got["headers"]["transfer-encoding"], "chunked");
    assert_eq!(got["headers"]["cookie"], "c=1");
}

#[tokio::test]
async fn the_path_is_decoded_and_encoded_again() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for (sent, arrives) in [
        ("/api/echo/a%2Fb", "/api/echo/a%252Fb"),
        ("/api/echo/%7Ea/../b", "/api/echo/b"),
        ("/api/echo/%252E%252E/a", "/api/echo/%252E%252E/a"),
    ] {
        let answer = raw(&host, &format!("GET {sent} HTTP/1.1")).await;
        assert!(
            answer.contains(&format!(r#""uri":"{arrives}""#)),
            "{answer}"
        );
    }
    let zero = raw(&host, "GET /api/echo/%00 HTTP/1.1").await;
    assert!(zero.starts_with("HTTP/1.1 400 "), "{zero}");
}

#[tokio::test]
async fn without_a_body_a_request_whose_handler_dies_is_repeated_and_answered() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for method in [Method::GET, Method::DELETE] {
        let once = app.path().join(method.as_str());
        let url = format!("{}/api/echo?exit=200&once={}", host.url(), once.display());
        let answer = Client::new().request(method, url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_body_already_sent_is_never_sent_again() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for method in [Method::POST, Method::PUT] {
        let once = app.path().join(method.as_str());
        let url = format!("{}/api/echo?exit=200&once={}", host.url(), once.display());
        let (sent, started) = (Client::new().request(method.clone(), url), Instant::now());
        assert_eq!(sent.body("{}").send().await.unwrap().status(), 500);
        // As long as ten tries take: about two seconds, more on a loaded machine.
        let tried = started.elapsed();
        assert!((1..20).contains(&tried.as_secs()), "{tried:?}");
        let calls = host.logs().to_string();
        assert_eq!(calls.matches(&format!("called {method}")).count(), 1);
    }
}

#[tokio::test]
async fn a_body_that_was_not_sent_yet_is_sent_when_the_handler_is_back() {
    let app = app(PROXYING);
    let host = host(&app).await;
    host.kill();
    let post = Client::new()
        .post(format!("{}/api/echo", host.url()))
        .body("{}");
    let (got, restarted) = tokio::join!(echoed(post), host.restart());
    restarted.unwrap();
    assert_eq!(got["body"], "{}");
}

#[tokio::test]
async fn over_100_mb_the_host_itself_refuses() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let head = "POST /api/echo HTTP/1.1\r\ncontent-length: 104857601";
    let answer = raw(&host, head).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn without_proxying_requests_and_answers_are_in_the_envelope() {
    let (with, without) = (app(PROXYING), app(""));
    let older = Options {
        proxies: false,
        ..Options::default()
    };
    for (app, version) in [(&without, Options::default()), (&with, older)] {
        let host = Host::begin(app.path(), &SETTINGS, version).await.unwrap();
        let request = Client::new().post(format!("{}/api/echo/ada?tag=a&tag=b", host.url()));
        let answer = request.body("hi").send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["x-name"], "ada");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({"method": "POST", "tag": "a,b", "body": "hi"}));
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_bare_404_that_the_handler_never_sees() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for path in [
        "/api/other",
        "/echo",
        "/",
        "/Sweep",
        "/api/echo/../../Sweep",
    ] {
        let answer = get(&host, path).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.text().await.unwrap(), "");
    }
    let seen = host.logs().to_string().replace("called GET / with", "");
    assert!(!seen.contains("called"), "{seen}");
}

#[tokio::test]
async fn a_function_in_a_nested_folder_is_not_found() {
    let app = app(PROXYING);
    let nested = app.path().join("Deep").join("Deeper");
    fs::create_dir_all(&nested).unwrap();
    let json = fs::read_to_string(app.path().join("Echo").join("function.json")).unwrap();
    fs::write(nested.join("function.json"), json.replace("echo/", "deep/")).unwrap();
    let host = host(&app).await;
    assert_eq!(get(&host, "/api/deep").await.status(), 404);
    let found = host.functions().into_iter().map(|function| function.name);
    assert_eq!(found.collect::<Vec<_>>(), ["Echo", "Fail", "Sweep"]);
}

#[tokio::test]
async fn the_host_adds_two_lines_to_each_request() {
    let app = app(PROXYING);
    let host = host(&app).await;
    get(&host, "/api/echo").await;
    let lines = host.logs().lines();
    let own = lines.iter().filter(|line| line.category == "Function.Echo");
    assert_eq!(own.count(), 2);
}
