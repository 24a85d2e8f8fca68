//! An OTLP receiver: it takes what exporters send over HTTP and keeps it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Receiver {
    pub(crate) url: String,
    got: watch::Receiver<Got>,
    _stop: oneshot::Sender<()>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Got {
    pub(crate) spans: Vec<Span>,
    /// The last reading of each series: its metric's name, its attributes.
    pub(crate) series: BTreeMap<(String, Attributes), Reading>,
    pub(crate) resource: Attributes,
}

pub(crate) type Attributes = BTreeMap<String, String>;

/// A counter or a gauge has no count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    pub(crate) count: u64,
    pub(crate) sum: f64,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, got) = watch::channel(Got::default());
        let routes = axum::Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .with_state(Arc::new(sender));
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            tokio::select! {
                _ = axum::serve(listener, routes) => {}
                _ = stopped => {}
            }
        });
        Self {
            url,
            got,
            _stop: stop,
        }
    }

    /// Waits until what was received is as `wanted`.
    pub(crate) async fn wait(&self, wanted: impl Fn(&Got) -> bool) -> Got {
        let mut got = self.got.clone();
        let waited = tokio::time::timeout(PATIENCE, got.wait_for(wanted)).await;
        let Ok(found) = waited else {
            panic!("not received: {:#?}", self.got.borrow());
        };
        found.unwrap().clone()
    }
}

type Sender = State<Arc<watch::Sender<Got>>>;

async fn traces(State(sender): Sender, body: Bytes) -> StatusCode {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    sender.send_modify(|got| {
        for of_resource in sent.resource_spans {
            got.resource = attributes(&of_resource.resource.unwrap().attributes);
            for of_scope in of_resource.scope_spans {
                got.spans.extend(of_scope.spans);
            }
        }
    });
    StatusCode::OK
}

async fn metrics(State(sender): Sender, body: Bytes) -> StatusCode {
    let sent = ExportMetricsServiceRequest::decode(body).unwrap();
    let scopes = sent
        .resource_metrics
        .into_iter()
        .flat_map(|of| of.scope_metrics);
    sender.send_modify(|got| {
        for metric in scopes.flat_map(|of_scope| of_scope.metrics) {
            for (attributes, reading) in readings(metric.data.unwrap()) {
                got.series
                    .insert((metric.name.clone(), attributes), reading);
            }
        }
    });
    StatusCode::OK
}

fn readings(data: Data) -> Vec<(Attributes, Reading)> {
    let numbers = match data {
        Data::Histogram(histogram) => {
            let points = histogram.data_points.into_iter().map(|point| {
                let (count, sum) = (point.count, point.sum.unwrap());
                (attributes(&point.attributes), Reading { count, sum })
            });
            return points.collect();
        }
        Data::Sum(sum) => sum.data_points,
        Data::Gauge(gauge) => gauge.data_points,
        other => panic!("{other:?}"),
    };
    let points = numbers.into_iter().map(|point| {
        let sum = match point.value.unwrap() {
            Number::AsDouble(number) => number,
            Number::AsInt(number) => f64::from(i32::try_from(number).unwrap()),
        };
        (attributes(&point.attributes), Reading { count: 0, sum })
    });
    points.collect()
}

/// Attributes as text.
pub(crate) fn attributes(pairs: &[KeyValue]) -> Attributes {
    let text = |value: &Option<AnyValue>| match value.as_ref().unwrap().value.as_ref().unwrap() {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        Any::DoubleValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    let pairs = pairs
        .iter()
        .map(|pair| (pair.key.clone(), text(&pair.value)));
    pairs.collect()
}
