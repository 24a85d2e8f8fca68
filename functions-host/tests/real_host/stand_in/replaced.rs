//! What developers ask of the host: a new handler, and functions run by hand.

use super::{PROXYING, SETTINGS, app, echoed, get, host, write_script};
use functions_host::Host;
use reqwest::Client;
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test]
async fn no_request_fails_while_the_handler_is_replaced() {
    let app = app(PROXYING);
    let host = Arc::new(host(&app).await);
    let done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (client, done) = (Client::new(), done.clone());
            let url = format!("{}/api/echo", host.url());
            tokio::spawn(async move {
                let mut answers = 0;
                while !done.load(Ordering::Relaxed) {
                    let answer = client.post(&url).body("a body").send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answers += 1;
                }
                answers
            })
        })
        .collect();
    let mut handlers = vec![host.handler_id()];
    for _ in 0..4 {
        host.renew().await.unwrap();
        handlers.push(host.handler_id());
    }
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
    handlers.dedup();
    assert_eq!(handlers.len(), 5);
}

#[tokio::test]
async fn a_new_function_is_there_once_the_app_is_read_anew() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let (old, new) = (app.path().join("Echo"), app.path().join("Echo2"));
    let json = fs::read_to_string(old.join("function.json")).unwrap();
    fs::create_dir(&new).unwrap();
    fs::write(new.join("function.json"), json.replace("echo/", "echo2/")).unwrap();
    assert_eq!(get(&host, "/api/echo2").await.status(), 404);
    host.renew().await.unwrap();
    assert_eq!(get(&host, "/api/echo2").await.status(), 200);
}

#[tokio::test]
async fn log_levels_and_flags_of_traces_are_those_of_host_json_as_it_is_now() {
    let app = app(PROXYING);
    let insights = (
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "InstrumentationKey=0",
    );
    let host = Host::start(app.path(), &[SETTINGS[0], insights]).await;
    let host = host.unwrap();
    let flags = async || {
        let request = Client::new().get(format!("{}/api/echo", host.url()));
        let got = echoed(request).await;
        got["headers"]["traceparent"].as_str().unwrap()[53..].to_owned()
    };
    assert_eq!(flags().await, "00");
    let before = host.logs().to_string();
    assert_eq!(before.matches("Functions.Echo").count(), 2);

    let host_json = app.path().join("host.json");
    let more =
        r#"{"telemetryMode": "OpenTelemetry", "logging": {"logLevel": {"Function": "Warning"}}, "#;
    let text = fs::read_to_string(&host_json).unwrap();
    fs::write(host_json, text.replacen('{', more, 1)).unwrap();
    host.renew().await.unwrap();
    assert_eq!(flags().await, "01");
    let after = host.logs().to_string();
    assert_eq!(after.matches("Functions.Echo").count(), 2);
}

#[tokio::test]
async fn a_handler_that_failed_for_good_is_replaced_by_one_that_works() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let handler = app.path().join("handler");
    let works = fs::read(&handler).unwrap();
    write_script(&handler, "exit 3");
    assert!(host.renew().await.is_err());
    assert_eq!(get(&host, "/api/echo").await.status(), 500);
    fs::write(&handler, works).unwrap();
    host.renew().await.unwrap();
    assert_eq!(get(&host, "/api/echo").await.status(), 200);
}

#[tokio::test]
async fn a_function_is_run_by_hand_but_not_by_a_web_page() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let run = |name| {
        let url = format!("{}/admin/functions/{name}", host.url());
        Client::new().post(url)
    };
    let swept = run("Sweep").send().await.unwrap();
    assert_eq!(swept.status(), 202);
    let swept: Value = swept.json().await.unwrap();
    assert_eq!(swept, json!({"logs": ["swept"]}));
    for (name, status) in [("Fail", 500), ("Echo", 400), ("Nothing", 404)] {
        assert_eq!(run(name).send().await.unwrap().status(), status, "{name}");
    }
    let page = run("Sweep").header("origin", "http://127.0.0.1:7071");
    assert_eq!(page.send().await.unwrap().status(), 403);
}
