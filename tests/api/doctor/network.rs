//! The way to the account: names, ports, certificates, clocks.

use super::{CHECKS, Report, Staged, settings, with};
use crate::identity::{self, Identity};
use crate::tls::Tls;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::DATE;
use axum::routing::get;
use cosmos_emulator::Emulator;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{Span, Timestamp};

/// All after `tls` but for the identity, which is asked elsewhere.
const BEHIND_TLS: [&str; 6] = [
    "clock",
    "container",
    "partition-key",
    "ttl",
    "indexing",
    "write-region",
];

#[tokio::test]
async fn a_name_that_is_not_resolved_is_found() {
    let identity = Identity::start(3_600).await;
    let tokens = identity::settings(&identity, "prod");
    let jwt = [
        ("AUTH_MODE", "jwt"),
        ("AUTH_ISSUER", "https://issuer.invalid"),
        ("AUTH_AUDIENCE", "a"),
    ];
    let settings = [with("https://account.invalid", &tokens), jwt.to_vec()].concat();
    let report = Staged::new().examine(&settings).await;
    let skipped = [&["tls"], &BEHIND_TLS[..]].concat();
    assert_eq!(report.named("failed"), ["dns", "callers"], "{report:#?}");
    assert_eq!(report.named("skipped"), skipped, "{report:#?}");
    assert_eq!(report.detail("clock"), "waits for dns");
    let said = report.detail("dns");
    assert!(
        said.starts_with("account.invalid is not resolved: "),
        "{said}"
    );
}

#[tokio::test]
async fn a_name_is_told_with_its_address() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.url().replace("127.0.0.1", "localhost");
    let report = Staged::new().examine(&settings(&url)).await;
    let said = report.detail("dns");
    assert!(
        said.starts_with("localhost is ") && said.contains("127.0.0.1"),
        "{said}"
    );
}

#[tokio::test]
async fn a_port_that_refuses_is_found() {
    let emulator = Emulator::start().await.unwrap();
    emulator.stop_listening().await.unwrap();
    let url = emulator.url();
    let report = Staged::new().examine(&settings(&url)).await;
    let said = report.expect_failure("tls", &BEHIND_TLS);
    let address = url.trim_start_matches("http://");
    assert!(
        said.starts_with(&format!("{address} does not answer: ")),
        "{said}"
    );
    assert!(said.contains("refused"), "{said}");
}

#[tokio::test]
async fn on_loopback_any_certificate_is_taken() {
    let emulator = Emulator::start().await.unwrap();
    let tls = Tls::listen("127.0.0.1", "elsewhere").await;
    let url = tls.in_front_of(&emulator);
    let report = Staged::new().examine(&settings(&url)).await;
    assert_eq!(report.named("ok"), CHECKS, "{report:#?}");
    assert!(report.detail("tls").starts_with("on loopback"));
}

/// On an address at which the SDK verifies certificates, though it is this machine.
#[cfg(target_os = "linux")]
async fn verified(certificate_for: &str, is_trusted: bool) -> Report {
    let emulator = Emulator::start().await.unwrap();
    let tls = Tls::listen("127.0.0.2", certificate_for).await;
    let app = Staged::new();
    std::fs::write(app.file("ca.pem"), &tls.certificate).unwrap();
    let url = tls.in_front_of(&emulator);
    let trusted = app.file("ca.pem");
    let mut settings = with(&url, &[("AZURE_COSMOS_EMULATOR_HOST", "127.0.0.2")]);
    if is_trusted {
        settings.push(("SSL_CERT_FILE", trusted.to_str().unwrap()));
    }
    app.examine(&settings).await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn elsewhere_a_certificate_must_be_trusted() {
    let report = verified("127.0.0.2", true).await;
    assert_eq!(report.named("ok"), CHECKS, "{report:#?}");
    assert!(report.detail("tls").ends_with("is trusted"));
    let report = verified("127.0.0.2", false).await;
    let said = report.expect_failure("tls", &BEHIND_TLS);
    assert!(
        said.contains("is not trusted: invalid peer certificate"),
        "{said}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_certificate_for_another_name_is_found() {
    let report = verified("elsewhere.example", true).await;
    let said = report.expect_failure("tls", &BEHIND_TLS);
    assert!(said.contains("not valid for"), "{said}");
}

/// An account whose clock is this far ahead of ours.
async fn account_ahead(emulator: &Emulator, by: Span) -> String {
    custom_handler::tls::install();
    let account = reqwest::get(emulator.url()).await.unwrap();
    let account = account.text().await.unwrap();
    let answer = async move || {
        let date = Timestamp::now() + by;
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
        let headers = HeaderMap::from_iter([(DATE, date.unwrap().parse().unwrap())]);
        (headers, account)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(answer));
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn a_clock_that_is_far_off_is_found() {
    let emulator = Emulator::start().await.unwrap();
    for (by, said) in [
        (Span::new().seconds(400), "behind the account's"),
        (Span::new().seconds(-400), "ahead of the account's"),
    ] {
        let url = account_ahead(&emulator, by).await;
        let report = Staged::new().examine(&settings(&url)).await;
        let detail = report.expect_failure("clock", &[]);
        assert!(detail.ends_with(said), "{detail}");
        let seconds = detail.split(' ').next().unwrap().parse::<i64>().unwrap();
        assert!((390..=410).contains(&seconds), "{detail}");
    }
    let url = account_ahead(&emulator, Span::new().seconds(200)).await;
    let report = Staged::new().examine(&settings(&url)).await;
    assert_eq!(report.named("ok"), CHECKS, "{report:#?}");
}
