//! Spans of requests, and of storage operations below them.

use super::{EVERY_REQUEST, PARENT, get_in_trace, hex, in_trace, send_in_trace, start};
use crate::app::App;
use crate::receiver::{Attributes, Got, Receiver, attributes};
use cosmos_emulator::{Fault, RequestFilter, Resource};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use reqwest::StatusCode;
use serde_json::Value;

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
    let id = workspace.rsplit('/').next().unwrap();
    app.emulator
        .inject(Fault {
            item_id: Some(id.to_owned()),
            method: Some("GET".to_owned()),
            times: Some(2),
            status: Some(429),
            sub_status: Some(3200),
            retry_after_ms: Some(1),
            ..Fault::default()
        })
        .unwrap();
    let answer = get_in_trace(&app, &workspace).await;
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
    assert_eq!(request.name, "GET /api/workspaces/{workspaceId}");
    assert_eq!(hex(&request.parent_span_id), PARENT);
    let found = attributes(&request.attributes);
    expect(
        &found,
        &[
            ("http.request.method", "GET"),
            ("http.route", "/api/workspaces/{workspaceId}"),
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
async fn a_query_of_several_partitions_is_one_span_without_retries() {
    let receiver = Receiver::start().await;
    let app = start(&receiver).await;
    // Only a timer asks them all.
    let ran = send_in_trace(app.handler.timer("/reconcile_memberships")).await;
    ran.expect(StatusCode::OK);
    let queries = app.emulator.requests_matching(&RequestFilter {
        resource: Some(Resource::Query),
        ..RequestFilter::default()
    });

    let is_query = |span: &&Span| span.kind() == SpanKind::Client;
    let all = |got: &Got| in_trace(got).into_iter().filter(is_query).count() == 4;
    let got = receiver.wait(all).await;
    assert!(queries.total > 4, "{queries:?}");
    for query in in_trace(&got).into_iter().filter(is_query) {
        assert_eq!(query.name, "query_items items");
        let found = attributes(&query.attributes);
        expect(&found, &[("cosmos_functions.storage.retries", "0")]);
    }
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
    let mut untraced = App::with(&[EVERY_REQUEST]).await;
    untraced.user("ada").workspace().await;
    assert_eq!(trace_ids(&untraced.handler.printed().0), [Value::Null]);
}
