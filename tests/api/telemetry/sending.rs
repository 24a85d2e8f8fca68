//! When it is sent, and that nothing waits for it.

use super::{get_in_trace, in_trace};
use crate::app::App;
use crate::receiver::{Got, Receiver};
use reqwest::StatusCode;

#[tokio::test]
async fn what_was_done_before_a_kill_has_been_sent_by_itself() {
    let receiver = Receiver::start().await;
    let mut app = App::with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url)]).await;
    let workspace = app.user("ada").workspace().await;
    get_in_trace(&app, &workspace).await.expect(StatusCode::OK);
    let measured = |got: &Got| !got.series.is_empty();
    receiver
        .wait(|got| !in_trace(got).is_empty() && measured(got))
        .await;
    app.handler.printed();
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_just_before_a_signal_is_sent_before_the_end() {
    let receiver = Receiver::start().await;
    let mut app = App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url),
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ])
    .await;
    let workspace = app.user("ada").workspace().await;
    get_in_trace(&app, &workspace).await.expect(StatusCode::OK);
    assert!(app.handler.terminate().success());
    let everything = |got: &Got| !in_trace(got).is_empty() && !got.series.is_empty();
    receiver.wait(everything).await;
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_holds_up_nothing() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut app = App::with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        // More spans than fit.
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8"),
    ])
    .await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for _ in 0..100 {
        ada.get(&workspace).await.expect(StatusCode::OK);
    }
    assert!(app.handler.terminate().success());
    let (_, stderr) = app.handler.printed();
    assert!(
        stderr.contains("BatchSpanProcessor.SpanDroppingStarted"),
        "{stderr}"
    );
    assert!(
        stderr.contains("the last traces or metrics are lost"),
        "{stderr}"
    );
}

// Waiting for the process blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_fails_nothing() {
    let mut app = App::with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    ada.get(&workspace).await.expect(StatusCode::OK);
    assert!(app.handler.terminate().success());
}
