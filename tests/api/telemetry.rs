//! Traces and metrics, as an OTLP receiver gets them.

use crate::app::{Answer, App};
use crate::receiver::{Attributes, Got, Receiver, attributes};
use cosmos_emulator::{Fault, Resource};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use reqwest::{Method, StatusCode};
use serde_json::Value;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

async fn start(receiver: &Receiver) -> App {
    App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url),
        ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
    ])
    .await
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

fn in_trace(got: &Got) -> Vec<&Span> {
    let of_trace = |span: &&Span| hex(&span.trace_id) == TRACE;
    got.spans.iter().filter(of_trace).collect()
}

async fn get_in_trace(app: &App, path: &str) -> Answer {
    let request = app.user("ada").request(Method::GET, path);
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let request = request.header("traceparent", parent);
    Answer::of(request.header("x-ms-invocation-id", "invocation-7")).await
}

fn expect(attributes: &Attributes, pairs: &[(&str, &str)]) {
    for (key, value) in pairs {
        assert_eq!(
            attributes.get(*key).map(String::as_str),
            Some(*value),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_request_is_a_span_and_its_storage_operations_are_spans_below_it() {
    let receiver = Receiver::start().await;
    let app = start(&receiver).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada
        .project(&workspace, serde_json::json!({"name": "P"}))
        .await;
    app.emulator
        .inject(Fault {
            item_id: Some(project.text("id").to_owned()),
            method: Some("GET".to_owned()),
            times: Some(2),
            status: Some(429),
            sub_status: Some(3200),
            retry_after_ms: Some(1),
            ..Fault::default()
        })
        .unwrap();
    let answer = get_in_trace(&app, &project.location()).await;
    let charge = answer
        .expect(StatusCode::OK)
        .header("x-ms-request-charge")
        .to_owned();

    let got = receiver.wait(|got| in_trace(got).len() >= 2).await;
    let spans = in_trace(&got);
    let request = spans
        .iter()
        .find(|span| span.kind() == SpanKind::Server)
        .unwrap();
    assert_eq!(
        request.name,
        "GET /api/workspaces/{workspaceId}/projects/{projectId}"
    );
    assert_eq!(hex(&request.parent_span_id), PARENT);
    let found = attributes(&request.attributes);
    expect(
        &found,
        &[
            ("http.request.method", "GET"),
            (
                "http.route",
                "/api/workspaces/{workspaceId}/projects/{projectId}",
            ),
            ("http.response.status_code", "200"),
            ("faas.invocation_id", "invocation-7"),
        ],
    );
    let units: f64 = found["cosmos_functions.request_charge"].parse().unwrap();
    assert_eq!(format!("{units:.2}"), charge);
    assert!(!format!("{found:?}").contains("ada"), "{found:?}");

    let reads: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "read_item items")
        .collect();
    assert_eq!(reads.len(), spans.len() - 1, "{spans:#?}");
    for read in &reads {
        assert_eq!(read.parent_span_id, request.span_id);
        assert_eq!(read.kind(), SpanKind::Client);
    }
    let retried = reads.iter().map(|read| attributes(&read.attributes));
    let retried = retried
        .into_iter()
        .find(|read| read["cosmos_functions.storage.retries"] != "0")
        .unwrap();
    expect(
        &retried,
        &[
            ("db.system.name", "azure.cosmosdb"),
            ("db.namespace", "app"),
            ("db.collection.name", "items"),
            ("db.operation.name", "read_item"),
            ("db.response.status_code", "200"),
            ("cosmos_functions.storage.retries", "2"),
        ],
    );
    let units: f64 = retried["azure.cosmosdb.operation.request_charge"]
        .parse()
        .unwrap();
    assert!(units > 0.0);
    expect(&got.resource, &[("service.name", "cosmos-functions")]);
    assert!(got.resource.contains_key("service.instance.id"));
}

#[tokio::test]
async fn a_failure_of_storage_is_an_error_on_its_span_and_on_the_request() {
    let receiver = Receiver::start().await;
    let app = start(&receiver).await;
    let workspace = app.user("ada").workspace().await;
    app.emulator
        .inject(Fault {
            resource: Some(Resource::Item),
            status: Some(403),
            sub_status: Some(5302),
            ..Fault::default()
        })
        .unwrap();
    let answer = get_in_trace(&app, &workspace).await;
    answer.expect(StatusCode::SERVICE_UNAVAILABLE);

    let got = receiver.wait(|got| in_trace(got).len() == 2).await;
    for span in in_trace(&got) {
        let status = span.status.as_ref().unwrap();
        assert_eq!(status.code(), SpanStatus::Error, "{}", span.name);
        let found = attributes(&span.attributes);
        if span.kind() == SpanKind::Server {
            expect(&found, &[("error.type", "storage-unavailable")]);
        } else {
            expect(
                &found,
                &[
                    ("error.type", "403"),
                    ("db.response.status_code", "403"),
                    ("azure.cosmosdb.response.sub_status_code", "5302"),
                ],
            );
        }
    }
}

#[tokio::test]
async fn an_operation_given_up_at_the_deadline_still_has_its_span() {
    let receiver = Receiver::start().await;
    let app = App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url),
        ("REQUEST_TIMEOUT_SECONDS", "1"),
    ])
    .await;
    let workspace = app.user("ada").workspace().await;
    let hold = app.emulator.inject(Fault {
        resource: Some(Resource::Item),
        hold: true,
        ..Fault::default()
    });
    get_in_trace(&app, &workspace)
        .await
        .expect(StatusCode::GATEWAY_TIMEOUT);
    hold.unwrap();
    let got = receiver.wait(|got| in_trace(got).len() == 2).await;
    let below = in_trace(&got);
    let below = below.iter().find(|span| span.kind() == SpanKind::Client);
    let below = below.unwrap();
    assert_eq!(below.status.as_ref().unwrap().code(), SpanStatus::Error);
}

/// The series of a metric of which the attributes have these values.
fn series<'a>(
    got: &'a Got,
    metric: &str,
    values: &[(&str, &str)],
) -> Option<&'a crate::receiver::Reading> {
    let mut found = got.series.iter().filter(|((name, attributes), _)| {
        let has =
            |(key, value): &(&str, &str)| attributes.get(*key).is_some_and(|has| has == value);
        name == metric && values.iter().all(has)
    });
    found.next().map(|(_, reading)| reading)
}

#[tokio::test]
async fn requests_request_units_throttles_and_the_container_are_measured() {
    let receiver = Receiver::start().await;
    let app = start(&receiver).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for _ in 0..3 {
        ada.get(&workspace).await.expect(StatusCode::OK);
    }
    // Methods that callers make up are one series.
    for method in ["BREW", "STEEP"] {
        let made_up = Method::from_bytes(method.as_bytes()).unwrap();
        let refused = Answer::of(ada.request(made_up, &workspace)).await;
        refused.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    let is_measured = |got: &Got| {
        let route = ("http.route", "/api/workspaces/{workspaceId}");
        let duration = "http.server.request.duration";
        let read = [route, ("http.response.status_code", "200")];
        let refused = [route, ("http.request.method", "_OTHER")];
        let charge = "azure.cosmosdb.client.operation.request_charge";
        let batch = [("db.operation.name", "execute_batch")];
        let count = |metric, of: &[(&str, &str)]| series(got, metric, of).map(|it| it.count);
        count(duration, &read) == Some(3)
            && count(duration, &refused) == Some(2)
            && series(got, charge, &batch).is_some_and(|it| it.count == 1 && it.sum > 1.0)
            && count("db.client.operation.duration", &batch) == Some(1)
    };
    receiver.wait(is_measured).await;
    let state = |got: &Got, state| {
        series(got, "cosmos_functions.container.state", &[("state", state)]).map(|it| it.sum)
    };
    receiver
        .wait(|got| state(got, "open") == Some(1.0) && state(got, "failing") == Some(0.0))
        .await;

    app.emulator
        .inject(Fault {
            resource: Some(Resource::Query),
            status: Some(429),
            sub_status: Some(3200),
            retry_after_ms: Some(1),
            times: Some(2),
            ..Fault::default()
        })
        .unwrap();
    ada.get("/api/workspaces").await.expect(StatusCode::OK);
    let throttles = |got: &Got| {
        let query = [("db.operation.name", "query_items")];
        series(got, "cosmos_functions.storage.throttles", &query).map(|it| it.sum)
    };
    receiver.wait(|got| throttles(got) == Some(2.0)).await;

    app.emulator.stop_listening().await.unwrap();
    ada.get(&workspace).await;
    receiver
        .wait(|got| state(got, "failing") == Some(1.0))
        .await;
}

#[tokio::test]
async fn what_was_done_before_a_kill_has_been_sent_by_itself() {
    let receiver = Receiver::start().await;
    let mut app = App::with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url)]).await;
    let workspace = app.user("ada").workspace().await;
    get_in_trace(&app, &workspace).await.expect(StatusCode::OK);
    let measured = |got: &Got| !got.series.is_empty();
    receiver
        .wait(|got| !in_trace(got).is_empty() && measured(got))
        .await;
    app.handler.printed();
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_just_before_a_signal_is_sent_before_the_end() {
    let receiver = Receiver::start().await;
    let mut app = App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url),
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ])
    .await;
    let workspace = app.user("ada").workspace().await;
    get_in_trace(&app, &workspace).await.expect(StatusCode::OK);
    assert!(app.handler.terminate().success());
    let everything = |got: &Got| !in_trace(got).is_empty() && !got.series.is_empty();
    receiver.wait(everything).await;
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_holds_up_nothing() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut app = App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        // More spans than fit.
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8"),
    ])
    .await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for _ in 0..100 {
        ada.get(&workspace).await.expect(StatusCode::OK);
    }
    assert!(app.handler.terminate().success());
    let (_, stderr) = app.handler.printed();
    assert!(
        stderr.contains("BatchSpanProcessor.SpanDroppingStarted"),
        "{stderr}"
    );
    assert!(
        stderr.contains("the last traces or metrics are lost"),
        "{stderr}"
    );
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_fails_nothing() {
    let mut app = App::with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    ada.get(&workspace).await.expect(StatusCode::OK);
    assert!(app.handler.terminate().success());
}

/// The trace ids of the lines of requests.
fn trace_ids(stdout: &str) -> Vec<Value> {
    let lines = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line["message"] == "request")
        .map(|line| line["trace_id"].clone())
        .collect()
}

#[tokio::test]
async fn the_log_names_the_trace_and_none_where_none_is_made() {
    let receiver = Receiver::start().await;
    let mut traced = start(&receiver).await;
    traced.user("ada").workspace().await;
    let got = receiver.wait(|got| !got.spans.is_empty()).await;
    let is_request = |span: &&Span| span.kind() == SpanKind::Server;
    let request = got.spans.iter().find(is_request).unwrap();
    assert_eq!(
        trace_ids(&traced.handler.printed().0),
        [Value::from(hex(&request.trace_id))]
    );
    let mut untraced = App::start().await;
    untraced.user("ada").workspace().await;
    assert_eq!(trace_ids(&untraced.handler.printed().0), [Value::Null]);
}
