//! Traces and metrics, as an OTLP receiver gets them.

mod traces;
mod metrics;
mod sending;

use crate::app::{Answer, App};
use crate::receiver::{Got, Receiver};
use opentelemetry_proto::tonic::trace::v1::Span;
use reqwest::{Method, RequestBuilder};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A line of the log for each.
const EVERY_REQUEST: (&str, &str) = ("RUST_LOG", "info,rest=debug");

async fn start(receiver: &Receiver) -> App {
    App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url),
        ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
        EVERY_REQUEST,
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
    send_in_trace(app.user("ada").request(Method::GET, path)).await
}

async fn send_in_trace(request: RequestBuilder) -> Answer {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let request = request.header("traceparent", parent);
    Answer::of(request.header("x-ms-invocation-id", "invocation-7")).await
}
