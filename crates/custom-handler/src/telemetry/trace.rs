//! Spans that become a part of the caller's trace (W3C Trace Context).

use axum::http::HeaderMap;
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

/// Makes `span`, which has just been made, a part of the trace that the headers name. Returns the id of that trace, or
/// of the one that the span begins; `None` if there is neither.
pub fn continue_trace(span: &Span, headers: &HeaderMap) -> Option<String> {
    let mut context = TraceContextPropagator::new().extract(&Headers(headers));
    if !span.is_disabled() {
        let _only_without_exporters = span.set_parent(context);
        context = span.context();
    }
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_known_by_a_valid_traceparent() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            continue_trace(&Span::none(), &headers)
        };
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(
            read(&format!("00-{id}-b7ad6b7169203331-01")).as_deref(),
            Some(id)
        );
        for invalid in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(invalid), None, "{invalid}");
        }
    }
}
