//! Metrics of storage, named as OpenTelemetry's semantic conventions say where those have a name:
//! <https://opentelemetry.io/docs/specs/semconv/database/cosmosdb/>

use custom_handler::telemetry;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use std::sync::OnceLock;
use std::time::Duration;

const REQUEST_UNITS: [f64; 10] = [
    1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0,
];

/// Without exporters nothing is measured. Those start before anything is stored.
static METRICS: OnceLock<Option<Metrics>> = OnceLock::new();

#[derive(Debug)]
struct Metrics {
    operations: Histogram<f64>,
    charges: Histogram<f64>,
    throttles: Counter<u64>,
}

impl Metrics {
    fn new(meter: &Meter) -> Self {
        Self {
            operations: telemetry::durations(
                meter,
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
        }
    }
}

/// Counts a storage operation: its status, its request units, and how often storage throttled it.
pub(crate) fn operation_finished(
    name: &'static str,
    status: Option<u16>,
    charge: f64,
    throttles: u64,
    duration: Duration,
) {
    let metrics = METRICS.get_or_init(|| telemetry::meter().map(Metrics::new));
    let Some(metrics) = metrics else { return };
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
pub(crate) fn observe_container(
    states: &'static [&'static str],
    current: impl Fn() -> &'static str + Send + Sync + 'static,
) {
    let Some(meter) = telemetry::meter() else {
        return;
    };
    meter
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
