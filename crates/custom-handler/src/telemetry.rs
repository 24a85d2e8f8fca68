//! What the process tells of itself: log lines for the Functions host, and over OTLP, when somebody
//! wants them, traces and metrics.

mod host_streams;
mod otlp;
mod trace;
mod metrics;
pub mod traffic;

pub use metrics::{durations, meter, request_finished};
pub use otlp::Exporters;
pub use trace::continue_trace;

use crate::settings::OtlpSettings;
use host_streams::HostStreams;
use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};
use traffic::Kind;

/// Starts logging for the process: JSON lines, or readable ones on a terminal. With `otlp`, traces and
/// metrics go out as well, until the exporters that are returned are stopped. Spans are those of `crates`.
pub fn start(
    filter: Targets,
    otlp: Option<&OtlpSettings>,
    crates: &'static [&'static str],
) -> Option<Exporters> {
    let lines = tracing_subscriber::fmt::layer();
    let lines = if io::stdout().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(HostStreams)
            .boxed()
    };
    let exporters = otlp.map(Exporters::start).transpose();
    let running = exporters.as_ref().ok().and_then(Option::as_ref);
    subscriber(lines, filter, running, crates).init();
    if let Err(error) = &exporters {
        tracing::warn!(error = %Causes(error.as_ref()), "traces and metrics are not exported");
    }
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("(no message)");
        tracing::error!(location, "panic: {message}");
    }));
    exporters.unwrap_or_default()
}

/// Lines are made of events alone, so that without exporters a span costs nothing.
fn subscriber(
    lines: Box<dyn Layer<Registry> + Send + Sync>,
    filter: Targets,
    exporters: Option<&Exporters>,
    crates: &'static [&'static str],
) -> Box<dyn Subscriber + Send + Sync> {
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter.and(Events)));
    match exporters {
        Some(exporters) => Box::new(registry.with(trace::layer(&exporters.traces, crates))),
        // An absent layer would count as one that wants every span.
        None => Box::new(registry),
    }
}

/// Events, but of the warnings and errors of one place in the source not more than are read.
struct Events;

impl<S> Filter<S> for Events {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.is_event()
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match *metadata.level() {
            _ if !metadata.is_event() => Interest::never(),
            // An event that is looked at must have been asked for before.
            Level::ERROR | Level::WARN => Interest::sometimes(),
            _ => Interest::always(),
        }
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        // Requests are bounded by their status.
        *metadata.level() > Level::WARN
            || metadata.fields().field("status").is_some()
            || traffic::admits(Kind::Place(metadata.callsite()))
    }

    /// For what libraries would log: without the hint, each of their events would be looked at.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}

/// An error with all its causes, each said once, on one line.
#[derive(Debug)]
pub struct Causes<'a>(pub &'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let why = error.to_string();
            // Some errors tell their cause themselves.
            if !said.contains(&why) {
                said = format!("{said}: {why}");
            }
            cause = error.source();
        }
        f.write_str(&said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};
    use std::time::Instant;

    #[test]
    fn without_exporters_no_span_is_made() {
        let lines = tracing_subscriber::fmt::layer().with_test_writer().boxed();
        let subscriber = subscriber(
            lines,
            Targets::new().with_default(LevelFilter::TRACE),
            None,
            &[],
        );
        tracing::subscriber::with_default(subscriber, || {
            assert!(tracing::event_enabled!(tracing::Level::TRACE));
            assert!(tracing::error_span!("a span").is_disabled());
        });
    }

    /// How many events there were at each level.
    #[derive(Clone, Default)]
    struct Counted(Arc<Mutex<HashMap<Level, u64>>>);

    impl<S: Subscriber> Layer<S> for Counted {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            *self
                .0
                .lock()
                .unwrap()
                .entry(*event.metadata().level())
                .or_default() += 1;
        }
    }

    #[test]
    fn of_a_flood_of_warnings_or_errors_ten_a_second_are_written() {
        let counted = Counted::default();
        let filter = Targets::new().with_default(LevelFilter::INFO);
        let started = Instant::now();
        tracing::subscriber::with_default(
            subscriber(counted.clone().boxed(), filter, None, &[]),
            || {
                for number in 0..1_000 {
                    tracing::error!(number, "one place");
                    tracing::warn!(number, "another");
                    tracing::info!(number, "nothing wrong");
                }
            },
        );
        let at_most = 10 * (started.elapsed().as_secs() + 1);
        let counted = counted.0.lock().unwrap();
        assert_eq!(counted[&Level::INFO], 1_000);
        assert!(counted[&Level::ERROR] <= at_most, "{counted:?}");
        assert!(
            (10..=at_most).contains(&counted[&Level::WARN]),
            "{counted:?}"
        );
    }
}
