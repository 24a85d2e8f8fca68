//! Settings of the exporters. They read most of the `OTEL_` variables themselves; here is what would
//! otherwise fail without a word.

use super::Reader;
use std::time::Duration;
use url::Url;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const SPOKEN: &str = "http/protobuf";

pub(super) const DEFAULT_SERVICE_NAME: &str = "cosmos-functions";
pub(super) const DEFAULT_METRIC_INTERVAL: u64 = 5_000;

/// How traces and metrics are exported.
#[derive(Debug)]
pub struct OtlpSettings {
    pub service_name: String,
    pub metric_interval: Duration,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub(super) fn otlp(&mut self) -> Option<OtlpSettings> {
        let service_name = self.value("OTEL_SERVICE_NAME");
        let interval = "OTEL_METRIC_EXPORT_INTERVAL";
        let metric_interval = self.number(interval, DEFAULT_METRIC_INTERVAL, 100..=3_600_000);
        let endpoint = self.value(ENDPOINT)?;
        if !Url::parse(&endpoint).is_ok_and(|url| is_usable(&url)) {
            let should_be = "an http:// or https:// URL without user and password, such as `http://127.0.0.1:4318`; nothing is exported";
            self.problem(ENDPOINT, should_be);
            return None;
        }
        let protocol = self.value(PROTOCOL);
        if protocol.is_some_and(|protocol| !protocol.eq_ignore_ascii_case(SPOKEN)) {
            let should_be = format!("`{SPOKEN}`, the only one this speaks; nothing is exported");
            self.problem(PROTOCOL, &should_be);
            return None;
        }
        Some(OtlpSettings {
            service_name: service_name.unwrap_or_else(|| DEFAULT_SERVICE_NAME.to_owned()),
            metric_interval: Duration::from_millis(metric_interval),
        })
    }
}

/// A password would be in the log of what cannot be reached; headers are not.
fn is_usable(url: &Url) -> bool {
    let is_http = ["http", "https"].contains(&url.scheme()) && url.has_host();
    is_http && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::settings::tests::read;

    fn has_problem(settings: &Settings, start: &str) -> bool {
        let mut problems = settings.problems.iter();
        problems.any(|problem| problem.starts_with(start))
    }

    #[test]
    fn nothing_is_exported_to_what_is_no_receiver() {
        assert!(read(&[]).otlp.is_none());
        let good = read(&[(ENDPOINT, "http://127.0.0.1:4318")]);
        assert_eq!(good.otlp.unwrap().service_name, "cosmos-functions");
        for bad in [
            "127.0.0.1:4318",
            "ftp://127.0.0.1",
            "collector",
            "http://user:password@127.0.0.1",
        ] {
            let settings = read(&[(ENDPOINT, bad)]);
            assert!(settings.otlp.is_none(), "{bad}");
            assert!(!format!("{settings:?}").contains("password@"));
            assert!(has_problem(
                &settings,
                "OTEL_EXPORTER_OTLP_ENDPOINT must be an http://"
            ));
        }
        let settings = read(&[(ENDPOINT, "http://127.0.0.1:4317"), (PROTOCOL, "grpc")]);
        assert!(settings.otlp.is_none());
        assert!(has_problem(
            &settings,
            "OTEL_EXPORTER_OTLP_PROTOCOL must be `http/protobuf`"
        ));
    }
}
