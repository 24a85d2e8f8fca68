//! Headers of requests on their way to the handler.

use super::{PROXYING, SETTINGS, app, echoed, host, raw};
use functions_host::Host;
use reqwest::Client;
use serde_json::Value;
use std::fs;

#[tokio::test]
async fn headers_about_the_caller_the_body_and_the_trace_arrive_unchanged() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let headers = [
        ("authorization", "Bearer a.b.c"),
        ("x-ms-client-principal", "eyJjbGFpbXMiOltdfQ=="),
        ("x-ms-client-principal-id", "ada"),
        ("content-encoding", "gzip"),
        ("tracestate", "vendor=1"),
        ("baggage", "tenant=1"),
    ];
    let mut post = Client::new().post(format!("{}/api/echo", host.url()));
    for (name, value) in headers {
        post = post.header(name, value);
    }
    let got = echoed(post.body("as it is")).await;
    for (name, value) in headers {
        assert_eq!(got["headers"][name], value);
    }
    assert_eq!(got["body"], "as it is");
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
    // The first that proxies.
    assert_eq!(headers["x-azure-functions-hostversion"], "4.1041.0");
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
