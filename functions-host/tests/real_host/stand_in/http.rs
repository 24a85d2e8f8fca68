//! How the host passes requests on.

use super::{PROXYING, SETTINGS, app, echoed, get, host};
use functions_host::{Host, Options};
use futures::stream;
use reqwest::{Body, Client, Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::io::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// The answer to a request that no client would send, from its first line to its end.
async fn raw(host: &Host, head: &str) -> String {
    let address = host.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nhost: api.example\r\nconnection: close\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
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
async fn host_and_x_forwarded_are_replaced_and_forged_invocation_headers_overridden() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let forged = [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-ms-invocation-id",
        "x-azure-functions-invocationid",
        "x-azure-functions-hostversion",
        "forwarded",
        "te",
    ];
    let forge = forged.map(|name| format!("{name}: forged")).join("\r\n");
    let answer = raw(&host, &format!("GET /api/echo HTTP/1.1\r\n{forge}")).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let got: Value = serde_json::from_str(body).unwrap();
    let headers = &got["headers"];
    assert!(!body.contains("forged"), "{body}");
    assert_eq!(
        headers["host"],
        host.handler_url().trim_start_matches("http://")
    );
    assert_eq!(headers["x-forwarded-host"], "api.example");
    assert_eq!(headers["x-forwarded-for"], "127.0.0.1");
    assert_eq!(headers["x-forwarded-proto"], "http");
    let invocation = &headers["x-azure-functions-invocationid"];
    assert_eq!(&headers["x-ms-invocation-id"], invocation);
    assert!(headers["x-azure-functions-hostversion"].is_string());
    for removed in ["forwarded", "te", "connection"] {
        assert!(headers[removed].is_null(), "{removed}");
    }
}

#[tokio::test]
async fn a_header_that_is_not_ascii_is_a_500_of_the_hosts() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let answer = raw(&host, "GET /api/echo HTTP/1.1\r\nx-name: \u{e4}").await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(!host.logs().to_string().contains("called GET /api"));
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
        let sent = Client::new().request(method.clone(), url).body("{}");
        assert_eq!(sent.send().await.unwrap().status(), 500);
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
async fn a_request_whose_answer_is_lost_is_handled_twice() {
    let app = app(PROXYING);
    let host = host(&app).await;
    host.break_connection_once();
    assert_eq!(get(&host, "/api/echo").await.status(), 200);
    host.kill();
    let calls = host.logs().to_string();
    assert_eq!(calls.matches("called GET /api/echo").count(), 2);
}

#[tokio::test]
async fn an_answer_in_the_middle_of_a_large_body_is_a_500() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let post = Client::new().post(format!("{}/api/echo?early=1", host.url()));
    let answer = post.body(vec![b' '; 32 << 20]).send().await.unwrap();
    assert_eq!(answer.status(), 500);
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
async fn a_caller_who_hangs_up_cancels_the_request_to_the_handler() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let url = format!("{}/api/echo?wait=/never", host.url());
    let asked = tokio::spawn(reqwest::get(url));
    host.logs().line_with("waiting").await.unwrap();
    asked.abort();
    host.logs().line_with("hung up").await.unwrap();
}

#[tokio::test]
async fn a_traceparent_is_added_where_application_insights_is_on_flagged_00() {
    let insights = (
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "InstrumentationKey=0",
    );
    let on = [SETTINGS[0], insights];
    let app = app(PROXYING);
    let opentelemetry = super::app(PROXYING);
    let host_json = opentelemetry.path().join("host.json");
    let text = fs::read_to_string(&host_json).unwrap();
    let text = text.replacen('{', r#"{"telemetryMode": "OpenTelemetry", "#, 1);
    fs::write(host_json, text).unwrap();
    for (folder, settings, flags) in [
        (&app, &on[..], Some("-00")),
        (&opentelemetry, &on[..], Some("-01")),
        (&app, &SETTINGS[..], None),
    ] {
        let host = Host::start(folder.path(), settings).await.unwrap();
        let request = Client::new().get(format!("{}/api/echo", host.url()));
        let got = echoed(request.try_clone().unwrap()).await;
        let added = got["headers"]["traceparent"].as_str();
        assert_eq!(added.map(|added| &added[added.len() - 3..]), flags);
        let own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let got = echoed(request.header("traceparent", own)).await;
        assert_eq!(got["headers"]["traceparent"], own);
    }
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
async fn the_host_adds_two_lines_to_each_request() {
    let app = app(PROXYING);
    let host = host(&app).await;
    get(&host, "/api/echo").await;
    let lines = host.logs().lines();
    let own = lines.iter().filter(|line| line.category == "Function.Echo");
    assert_eq!(own.count(), 2);
}
