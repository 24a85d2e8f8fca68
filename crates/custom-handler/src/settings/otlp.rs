//! Settings of the exporters. They read most of the `OTEL_` variables themselves; here is what would
//! otherwise fail without a word.

use super::reader::Reader;
use std::time::Duration;
use url::Url;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const SPOKEN: &str = "http/protobuf";

/// What traces and metrics are said to be of without `OTEL_SERVICE_NAME`.
pub const DEFAULT_SERVICE_NAME: &str = "cosmos-functions";
/// Milliseconds between two exports without `OTEL_METRIC_EXPORT_INTERVAL`.
pub const DEFAULT_METRIC_INTERVAL: u64 = 5_000;

/// How traces and metrics are exported.
#[derive(Debug)]
pub struct OtlpSettings {
    /// `OTEL_SERVICE_NAME`.
    pub(crate) service_name: String,
    /// `OTEL_METRIC_EXPORT_INTERVAL`.
    pub(crate) metric_interval: Duration,
}

impl OtlpSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let service_name = reader.value("OTEL_SERVICE_NAME");
        let interval = "OTEL_METRIC_EXPORT_INTERVAL";
        let metric_interval = reader.number(interval, DEFAULT_METRIC_INTERVAL, 100..=3_600_000);
        let endpoint = reader.value(ENDPOINT)?;
        if !Url::parse(&endpoint).is_ok_and(|url| is_usable(&url)) {
            let should_be = "an http:// or https:// URL without user and password, such as `http://127.0.0.1:4318`; nothing is exported";
            return reader.must_be(ENDPOINT, should_be);
        }
        let protocol = reader.value(PROTOCOL);
        if protocol.is_some_and(|protocol| !protocol.eq_ignore_ascii_case(SPOKEN)) {
            let should_be = format!("`{SPOKEN}`, the only one this speaks; nothing is exported");
            return reader.must_be(PROTOCOL, &should_be);
        }
        Some(Self {
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

    fn read(pairs: &[(&str, &str)]) -> (Option<OtlpSettings>, Vec<String>) {
        let lookup = |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut reader = Reader::new(&lookup);
        let settings = OtlpSettings::read(&mut reader);
        (settings, reader.problems())
    }

    #[test]
    fn nothing_is_exported_to_what_is_no_receiver() {
        assert!(read(&[]).0.is_none());
        let (good, _) = read(&[(ENDPOINT, "http://127.0.0.1:4318")]);
        assert_eq!(good.unwrap().service_name, "cosmos-functions");
        for bad in [
            "127.0.0.1:4318",
            "ftp://127.0.0.1",
            "collector",
            "http://user:password@127.0.0.1",
        ] {
            let (settings, problems) = read(&[(ENDPOINT, bad)]);
            assert!(settings.is_none(), "{bad}");
            assert!(problems[0].starts_with("OTEL_EXPORTER_OTLP_ENDPOINT must be an http://"));
            assert!(!problems[0].contains("password@"));
        }
        let (settings, problems) = read(&[(ENDPOINT, "http://127.0.0.1:4317"), (PROTOCOL, "grpc")]);
        assert!(settings.is_none());
        assert!(problems[0].starts_with("OTEL_EXPORTER_OTLP_PROTOCOL must be `http/protobuf`"));
    }
}
