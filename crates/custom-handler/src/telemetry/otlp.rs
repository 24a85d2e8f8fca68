//! Traces and metrics over OTLP/HTTP, as the `OTEL_` settings of the specification say:
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>
//!
//! Both are collected in queues of a fixed size and sent by threads of their own. A request waits for
//! none of it; what does not fit is dropped, and a line of the log says so.

use super::metrics;
use crate::settings::OtlpSettings;
use crate::tls;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The host may kill the process at any time: what it did a little before is out by then.
const TRACE_INTERVAL: Duration = Duration::from_secs(1);
/// How long the end of the process waits for the last batch.
const LAST_BATCH: Duration = Duration::from_secs(2);

/// The exporters, running.
#[derive(Debug)]
pub struct Exporters {
    pub(super) traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Exporters {
    pub(super) fn start(settings: &OtlpSettings) -> anyhow::Result<Self> {
        tls::install();
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attributes([
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                // Counters of two instances are two series.
                KeyValue::new("service.instance.id", Uuid::new_v4().to_string()),
            ])
            .build();
        let batches = BatchConfigBuilder::default().with_scheduled_delay(TRACE_INTERVAL);
        let spans = SpanExporter::builder().with_http().build()?;
        let spans = BatchSpanProcessor::builder(spans)
            .with_batch_config(batches.build())
            .build();
        let readings = MetricExporter::builder().with_http().build()?;
        let readings = PeriodicReader::builder(readings)
            .with_interval(settings.metric_interval)
            .build();
        let exporters = Self {
            traces: SdkTracerProvider::builder()
                .with_resource(resource.clone())
                .with_span_processor(spans)
                .build(),
            metrics: SdkMeterProvider::builder()
                .with_resource(resource)
                .with_reader(readings)
                .build(),
        };
        metrics::start(&exporters.metrics);
        Ok(exporters)
    }

    /// Sends what is left, for 2 seconds at most: after that the process may end.
    pub fn stop(self) {
        let Self { traces, metrics } = self;
        let (done, end) = mpsc::channel();
        let done_too = done.clone();
        // In threads of their own, as the SDK's limits do not hold for all it waits for.
        thread::spawn(move || done.send(traces.shutdown_with_timeout(LAST_BATCH)));
        thread::spawn(move || done_too.send(metrics.shutdown_with_timeout(LAST_BATCH)));
        let end_by = Instant::now() + LAST_BATCH;
        for _ in 0..2 {
            let left = end_by.saturating_duration_since(Instant::now());
            match end.recv_timeout(left) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the last traces or metrics are lost"),
                Err(error) => tracing::warn!(%error, "the last traces or metrics are lost"),
            }
        }
    }
}
