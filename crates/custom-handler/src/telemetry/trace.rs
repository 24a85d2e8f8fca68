//! Spans that become a part of the caller's trace (W3C Trace Context).

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

/// Takes the spans of `crates`. What libraries think worth a span is not the business of who reads it.
pub(super) fn layer<S>(
    traces: &SdkTracerProvider,
    crates: &'static [&'static str],
) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let ours = filter_fn(|metadata| {
        let target = metadata.target();
        let name = target.split_once("::").map_or(target, |(name, _)| name);
        metadata.is_span() && *metadata.level() <= Level::INFO && crates.contains(&name)
    });
    let ours = ours.with_max_level_hint(LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(traces.tracer(env!("CARGO_PKG_NAME")))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(ours)
}

/// Makes `span`, which has just been made, a part of the trace that the headers name.
pub fn continue_trace<'a>(span: &Span, header: &dyn Fn(&str) -> Option<&'a str>) {
    if !span.is_disabled() {
        let parent = TraceContextPropagator::new().extract(&Headers(header));
        let _only_without_exporters = span.set_parent(parent);
    }
}

/// The id of the trace a span is in; `None` when no trace is made.
#[must_use]
pub fn trace_id(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

struct Headers<'f, 'a>(&'f dyn Fn(&str) -> Option<&'a str>);

impl Extractor for Headers<'_, '_> {
    fn get(&self, key: &str) -> Option<&str> {
        (self.0)(key)
    }

    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}
