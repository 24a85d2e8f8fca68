//! What is logged, and where the host reads it.

use crate::app::App;
use cosmos_emulator::{Fault, Resource};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The lines of one stream, each of which must be JSON.
fn lines(log: &str) -> Vec<Value> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

#[tokio::test]
async fn every_level_is_read_by_the_host_as_what_it_is() {
    let mut app = App::with(&[("RUST_LOG", "trace"), ("REQUEST_TIMEOUT_SECONDS", "many")]).await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    app.emulator
        .inject(Fault {
            resource: Some(Resource::Item),
            status: Some(500),
            ..Fault::default()
        })
        .unwrap();
    // Callers and hosts may say the word.
    let request = ada.request(Method::GET, &path);
    let request = request.header("x-azure-functions-invocationid", "Warning-warn-WARN");
    let failed = crate::app::Answer::of(request).await;
    failed.expect(StatusCode::SERVICE_UNAVAILABLE);

    let (stdout, stderr) = app.handler.printed();
    let mut levels = Vec::new();
    for line in lines(&stdout) {
        let level = line["level"].as_str().unwrap().to_owned();
        assert!(
            ["INFO", "DEBUG", "TRACE"].contains(&level.as_str()),
            "{line}"
        );
        levels.push(level);
    }
    for line in stderr.lines() {
        let says_warn = line.to_lowercase().contains("warn");
        let event: Value = serde_json::from_str(line).unwrap();
        let level = event["level"].as_str().unwrap().to_owned();
        assert_eq!(says_warn, level == "WARN", "{line}");
        if level == "ERROR" {
            assert_eq!(event["invocation"], "Warning-warn-WARN");
            assert!(event["cause"].as_str().unwrap().contains("500"), "{line}");
        }
        levels.push(level);
    }
    for level in ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] {
        assert!(levels.iter().any(|found| found == level), "{level}");
    }
}

#[tokio::test]
async fn at_debug_every_request_is_one_line_that_says_what_it_was() {
    let mut app = App::with(&[("RUST_LOG", "info,rest=debug")]).await;
    let zelda = app.user("zelda-42");
    let path = zelda.workspace().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request = zelda
        .request(Method::PATCH, &path)
        .header("x-ms-invocation-id", "invocation-7")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"))
        .json(&json!({"name": "A secret name"}));
    let answer = crate::app::Answer::of(request).await.expect(StatusCode::OK);

    let (stdout, _) = app.handler.printed();
    let lines = lines(&stdout);
    let mine: Vec<_> = lines
        .iter()
        .filter(|line| line["invocation"] == "invocation-7")
        .collect();
    let [line] = mine[..] else {
        panic!("{mine:?}");
    };
    assert_eq!(line["method"], "PATCH");
    assert_eq!(line["route"], "/api/workspaces/{workspaceId}");
    assert_eq!(line["status"], 200);
    assert_eq!(line["trace_id"], trace);
    assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    let charge = format!("{:.2}", line["request_charge"].as_f64().unwrap());
    assert_eq!(charge, answer.header("x-ms-request-charge"));
    assert_eq!(line["caller"].as_str().unwrap().len(), 16);
    assert!(!stdout.contains("A secret name") && !stdout.contains("zelda"));
}

#[tokio::test]
async fn the_filter_of_the_log_can_be_set() {
    let mut app = App::with(&[("RUST_LOG", "warn,custom_handler::serve=info")]).await;
    app.user("ada").workspace().await;
    let (stdout, _) = app.handler.printed();
    let lines = lines(&stdout);
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["listening"]);
}
