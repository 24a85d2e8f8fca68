//! Metrics, named and measured as OpenTelemetry's semantic conventions say where those have a name:
//! <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>,
//! <https://opentelemetry.io/docs/specs/semconv/database/cosmosdb/>

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use std::sync::OnceLock;
use std::time::Duration;

/// Bounds of the conventions, in seconds.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
const REQUEST_UNITS: [f64; 10] = [
    1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0,
];

/// Set when metrics are exported. Without, nothing is measured.
static METRICS: OnceLock<Metrics> = OnceLock::new();

#[derive(Debug)]
struct Metrics {
    meter: Meter,
    requests: Histogram<f64>,
    operations: Histogram<f64>,
    charges: Histogram<f64>,
    throttles: Counter<u64>,
}

pub(super) fn start(provider: &SdkMeterProvider) {
    let meter = provider.meter(env!("CARGO_PKG_NAME"));
    let seconds = |name, description| {
        let histogram = meter.f64_histogram(name).with_unit("s");
        let histogram = histogram.with_boundaries(SECONDS.to_vec());
        histogram.with_description(description).build()
    };
    let metrics = Metrics {
        requests: seconds("http.server.request.duration", "Duration of requests"),
        operations: seconds(
            "db.client.operation.duration",
            "Duration of storage operations",
        ),
        charges: meter
            .f64_histogram("azure.cosmosdb.client.operation.request_charge")
            .with_unit("{request_unit}")
            .with_boundaries(REQUEST_UNITS.to_vec())
            .with_description("Request units of storage operations, retries included")
            .build(),
        throttles: meter
            .u64_counter("cosmos_functions.storage.throttles")
            .with_unit("{response}")
            .with_description(
                "Answers of storage with status 429, those included that were retried",
            )
            .build(),
        meter,
    };
    let _first = METRICS.set(metrics);
}

/// Counts a request that was answered.
pub fn request_finished(method: &str, route: &str, status: u16, duration: Duration) {
    let Some(metrics) = METRICS.get() else { return };
    let attributes = [
        KeyValue::new("http.request.method", method.to_owned()),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status)),
    ];
    metrics.requests.record(duration.as_secs_f64(), &attributes);
}

/// Counts a storage operation: its status, its request units, and how often storage throttled it.
pub fn operation_finished(
    name: &'static str,
    status: Option<u16>,
    charge: f64,
    throttles: u64,
    duration: Duration,
) {
    let Some(metrics) = METRICS.get() else { return };
    let status = status.map_or_else(String::new, |status| status.to_string());
    let attributes = [
        KeyValue::new("db.system.name", "azure.cosmosdb"),
        KeyValue::new("db.operation.name", name),
        KeyValue::new("db.response.status_code", status),
    ];
    metrics
        .operations
        .record(duration.as_secs_f64(), &attributes);
    metrics.charges.record(charge, &attributes);
    if throttles > 0 {
        metrics.throttles.add(throttles, &attributes[..2]);
    }
}

/// Reports which of `states` the container is in whenever metrics are sent: 1 for that one, 0 for the others.
pub fn observe_container(
    states: &'static [&'static str],
    current: impl Fn() -> &'static str + Send + Sync + 'static,
) {
    let Some(metrics) = METRICS.get() else { return };
    metrics
        .meter
        .u64_observable_gauge("cosmos_functions.container.state")
        .with_description("1 for the state the Cosmos container is in")
        .with_callback(move |gauge| {
            let current = current();
            for state in states {
                let is_it = u64::from(*state == current);
                gauge.observe(is_it, &[KeyValue::new("state", *state)]);
            }
        })
        .build();
}
