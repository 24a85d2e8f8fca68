//! A handler for the kit's own tests: this test binary, started again.

use super::Host;
use super::envelope::Failure;
use super::logs::Severity;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The stand-in's main. Without a host there is no port, and nothing to do.
#[tokio::test]
async fn the_stand_in_runs_under_a_host_alone() {
    let Ok(port) = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT") else {
        return;
    };
    println!("greeting: {}", std::env::var("GREETING").unwrap());
    eprintln!("this is a warning");
    let mut told_to_stop = signal(SignalKind::terminate()).unwrap();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .unwrap();
    let routes = Router::new()
        .route("/api/echo", get(echo).post(echo))
        .route("/Echo", post(enveloped))
        .route("/Sweep", post(sweep))
        .route("/Fail", post(StatusCode::IM_A_TEAPOT));
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { told_to_stop.recv().await.unwrap_or_default() })
        .await
        .unwrap();
    eprintln!("drained");
}

/// Answers with the request line and the body; every call is a line in the log.
async fn echo(request: Request) -> String {
    println!("called");
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    format!("{} {} {body:?}", parts.method, parts.uri)
}

async fn enveloped(body: String) -> String {
    let envelope: Value = serde_json::from_str(&body).unwrap();
    let request = &envelope["Data"]["req"];
    json!({"Outputs": {"res": {
        "statusCode": 201,
        "headers": {"x-name": request["Params"]["name"]},
        "body": {"method": request["Method"], "tag": request["Query"]["tag"], "body": request["Body"]},
    }}})
    .to_string()
}

async fn sweep(body: String) -> String {
    let envelope: Value = serde_json::from_str(&body).unwrap();
    let method = &envelope["Metadata"]["sys"]["MethodName"];
    json!({"Outputs": {"seen": envelope["Data"]}, "Logs": ["swept"], "ReturnValue": method})
        .to_string()
}

/// An app whose handler is the stand-in, with `flags` in host.json's customHandler.
fn app(flags: &str) -> TempDir {
    let app = tempfile::tempdir().unwrap();
    let host = format!(
        r#"{{"customHandler": {{"description": {{"defaultExecutablePath": "handler"}} {flags}}}}}"#
    );
    fs::write(app.path().join("host.json"), host).unwrap();
    add_handler(&app.path().join("handler"));
    let http = r#"{"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
        "route": "echo/{name?}"}, {"type": "http", "direction": "out", "name": "res"}"#;
    let timer = r#"{"type": "timerTrigger", "direction": "in", "name": "timer"},
        {"type": "blob", "direction": "in", "name": "names"}"#;
    for (name, bindings) in [("Echo", http), ("Sweep", timer), ("Fail", timer)] {
        fs::create_dir(app.path().join(name)).unwrap();
        let json = format!(r#"{{"bindings": [{bindings}]}}"#);
        fs::write(app.path().join(name).join("function.json"), json).unwrap();
    }
    app
}

fn add_handler(path: &Path) {
    let this = std::env::current_exe().unwrap();
    let main = concat!(module_path!(), "::the_stand_in_runs_under_a_host_alone");
    let (_, main) = main.split_once("::").unwrap();
    let script = format!(
        "#!/bin/sh\nexec '{}' --exact {main} --nocapture\n",
        this.display()
    );
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

const SETTINGS: &[(&str, &str)] = &[("GREETING", "hello")];
const BOTH_FLAGS: &str =
    r#", "enableProxyingHttpRequest": true, "enableForwardingHttpRequest": true"#;

async fn host(app: &TempDir) -> Host {
    Host::start(app.path(), SETTINGS).await.unwrap()
}

async fn get_text(url: String) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn lines_get_the_hosts_severity_and_settings_are_passed() {
    let app = app(BOTH_FLAGS);
    let host = host(&app).await;
    let greeting = host.logs().line_with("greeting: hello").await.unwrap();
    assert_eq!(greeting.severity, Severity::Information);
    let warning = host.logs().line_with("this is a warning").await.unwrap();
    assert_eq!(warning.severity, Severity::Warning);
}

#[tokio::test]
async fn a_newer_host_passes_the_request_as_it_is() {
    let app = app(BOTH_FLAGS);
    let host = host(&app).await;
    let answer = get_text(format!("{}/api/echo?tag=a&tag=b", host.url())).await;
    assert_eq!(answer, "GET /api/echo?tag=a&tag=b b\"\"");
}

#[tokio::test]
async fn an_older_host_joins_repeated_keys() {
    let app = app(BOTH_FLAGS);
    let host = Host::start_older(app.path(), SETTINGS).await.unwrap();
    let answer = get_text(format!("{}/api/echo?tag=a&tag=b", host.url())).await;
    assert_eq!(answer, "GET /api/echo?tag=a%2Cb b\"\"");
}

#[tokio::test]
async fn without_flags_requests_and_answers_are_in_the_envelope() {
    let app = app("");
    let host = host(&app).await;
    let request = reqwest::Client::new().post(format!("{}/api/echo/ada?tag=a&tag=b", host.url()));
    let answer = request.body("hi").send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-name"], "ada");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body, json!({"method": "POST", "tag": "a,b", "body": "hi"}));
}

#[tokio::test]
async fn an_unknown_path_is_a_bare_404_that_the_handler_never_sees() {
    let app = app(BOTH_FLAGS);
    let host = host(&app).await;
    for path in ["/api/other", "/echo", "/", "/Sweep"] {
        let answer = reqwest::get(format!("{}{path}", host.url())).await.unwrap();
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.text().await.unwrap(), "");
    }
    assert!(!host.logs().to_string().contains("called"));
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_handled_twice() {
    let app = app(BOTH_FLAGS);
    let mut host = host(&app).await;
    host.break_connection_once();
    get_text(format!("{}/api/echo", host.url())).await;
    host.kill();
    let lines = host.logs().lines();
    assert_eq!(lines.iter().filter(|line| line.text == "called").count(), 2);
}

#[tokio::test]
async fn requests_outlive_a_restart() {
    let app = app(BOTH_FLAGS);
    let mut host = host(&app).await;
    let url = format!("{}/api/echo", host.url());
    let handler = host.handler_url();
    host.kill();
    let (answer, restarted) = tokio::join!(get_text(url), host.restart());
    restarted.unwrap();
    assert_eq!(answer, "GET /api/echo b\"\"");
    assert_eq!(host.handler_url(), handler);
}

#[tokio::test]
async fn sigterm_lets_the_handler_end_by_itself() {
    let app = app(BOTH_FLAGS);
    let mut host = host(&app).await;
    let status = host.terminate().await.unwrap();
    assert!(status.success());
    assert!(host.logs().to_string().contains("Error: drained"));
}

#[tokio::test]
async fn values_that_are_not_objects_arrive_as_json_in_a_string() {
    let app = app(BOTH_FLAGS);
    let host = host(&app).await;
    let data = json!({"timer": {"IsPastDue": false}, "names": ["ada"]});
    let outcome = host.invoke("Sweep", data).await.unwrap();
    let seen = json!({"timer": {"IsPastDue": false}, "names": "[\"ada\"]"});
    assert_eq!(outcome.outputs["seen"], seen);
    assert_eq!(outcome.logs, ["swept"]);
    assert_eq!(outcome.return_value, "Sweep");
}

#[tokio::test]
async fn another_status_fails_the_invocation() {
    let app = app(BOTH_FLAGS);
    let host = host(&app).await;
    let failure = host.invoke("Fail", json!({})).await.unwrap_err();
    assert_eq!(failure.status, Some(StatusCode::IM_A_TEAPOT));
    let unknown = host.invoke("Sweep", json!({"other": 1})).await.unwrap_err();
    let no_answer = Failure::without_answer("Sweep has no input `other`".to_owned());
    assert_eq!(unknown, no_answer);
}

#[tokio::test]
async fn a_handler_that_ends_at_once_is_told_with_what_it_said() {
    let app = app("");
    let script = "#!/bin/sh\necho no >&2; exit 3\n";
    fs::write(app.path().join("handler"), script).unwrap();
    let started = Host::start(app.path(), SETTINGS).await;
    let error = started.unwrap_err().to_string();
    assert!(error.contains("exit status: 3"), "{error}");
    assert!(error.contains("Error: no"), "{error}");
}
