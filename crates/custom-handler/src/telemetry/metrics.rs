//! Metrics, named and measured as OpenTelemetry's semantic conventions say where those have a name:
//! <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use std::sync::OnceLock;
use std::time::Duration;

/// Bounds of the conventions, in seconds.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Set when metrics are exported. Without, nothing is measured.
static METRICS: OnceLock<Metrics> = OnceLock::new();

#[derive(Debug)]
struct Metrics {
    meter: Meter,
    requests: Histogram<f64>,
}

pub(super) fn start(provider: &SdkMeterProvider) {
    let meter = provider.meter(env!("CARGO_PKG_NAME"));
    let requests = durations(
        &meter,
        "http.server.request.duration",
        "Duration of requests",
    );
    let _first = METRICS.set(Metrics { meter, requests });
}

/// The meter for metrics of others; `None` if none are exported.
pub fn meter() -> Option<&'static Meter> {
    METRICS.get().map(|metrics| &metrics.meter)
}

/// A histogram of durations in seconds, with the bounds of the conventions.
pub fn durations(meter: &Meter, name: &'static str, description: &'static str) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit("s")
        .with_boundaries(SECONDS.to_vec())
        .with_description(description)
        .build()
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
