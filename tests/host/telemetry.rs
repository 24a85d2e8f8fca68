//! The log and the traces of the app as it is deployed.

use crate::staged::Staged;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use reqwest::{Method, StatusCode};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The ids of the traces that spans are in.
type Traces = Vec<Vec<u8>>;

async fn receive(State(traces): State<Arc<watch::Sender<Traces>>>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let of_resource = request.resource_spans.into_iter();
    let scopes = of_resource.flat_map(|resource| resource.scope_spans);
    let ids = scopes
        .flat_map(|scope| scope.spans)
        .map(|span| span.trace_id);
    traces.send_modify(|traces| traces.extend(ids));
}

async fn receiver() -> (String, watch::Receiver<Traces>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, traces) = watch::channel(Vec::new());
    let routes = Router::new()
        .route("/v1/traces", post(receive))
        .with_state(Arc::new(sender));
    tokio::spawn(async { axum::serve(listener, routes).await });
    (url, traces)
}

#[tokio::test]
async fn traces_come_out_as_deployed_and_callers_decide_about_theirs() {
    let (url, mut traces) = receiver().await;
    let app = Staged::with(&[
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "InstrumentationKey=0",
        ),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
    ])
    .await;
    let ask = async |parent: Option<String>| {
        let mut request = app.request(Method::GET, "/api/workspaces");
        if let Some(parent) = parent {
            request = request.header("traceparent", parent);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    };
    let (unwanted, wanted) = (
        "11111111111111111111111111111111",
        "22222222222222222222222222222222",
    );
    ask(Some(format!("00-{unwanted}-b7ad6b7169203331-00"))).await;
    ask(Some(format!("00-{wanted}-b7ad6b7169203331-01"))).await;
    ask(None).await;
    // Spans go out in the order in which they end.
    let others = |traces: &Traces| {
        let is_other = |id: &&Vec<u8>| **id != [0x11; 16] && **id != [0x22; 16];
        traces.iter().filter(is_other).count() > 0
    };
    let got = traces
        .wait_for(|traces| traces.contains(&vec![0x22; 16]) && others(traces))
        .await;
    assert!(!got.unwrap().contains(&vec![0x11; 16]));
}

#[tokio::test]
async fn ordinary_requests_leave_no_line_of_the_hosts() {
    let app = Staged::start().await;
    for _ in 0..20 {
        let answer = app.request(Method::GET, "/api/workspaces").send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::OK);
    }
    app.host.signal("-TERM").await.unwrap();
    let lines = app.host.logs().lines();
    let mut of_functions = lines
        .iter()
        .filter(|line| line.category.starts_with("Function."));
    assert!(of_functions.next().is_none(), "{lines:?}");
    let summaries = lines
        .iter()
        .filter(|line| line.text.contains(r#""message":"requests""#));
    assert!((1..4).contains(&summaries.count()));
}
