//! A handler for the tests: this test binary, started again.

mod answers;
mod exits;
mod headers;
mod http;
mod invocations;
mod orphans;
mod program;
mod replaced;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use functions_host::Host;
use futures::stream;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

/// The stand-in's main. Without a host there is no port, and nothing to do.
#[tokio::test]
async fn the_stand_in_runs_under_a_host_alone() {
    let Ok(port) = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT") else {
        return;
    };
    println!("greeting: {}", std::env::var("GREETING").unwrap());
    eprintln!("this is a warning");
    if let Ok(file) = std::env::var("LISTEN_WHEN") {
        appearance(&file).await;
    }
    let mut told_to_stop = signal(SignalKind::terminate()).unwrap();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .unwrap();
    let mut routes = Router::new()
        .route("/Echo", post(enveloped))
        .route("/Sweep", post(sweep))
        .route("/Fail", post((StatusCode::IM_A_TEAPOT, "shown nowhere")))
        .fallback(echo);
    if std::env::var_os("UNWELL").is_some() {
        routes = routes.route("/", on_get(StatusCode::INTERNAL_SERVER_ERROR));
    }
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { told_to_stop.recv().await.unwrap_or_default() })
        .await
        .unwrap();
    eprintln!("drained");
}

async fn appearance(file: &str) {
    while !Path::new(file).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Answers with all of the request as JSON, unless its query asks for something else.
async fn echo(Query(asked): Query<HashMap<String, String>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Without a host nobody reads it.
    let names = names(&parts.headers);
    let _unread = writeln!(
        io::stdout(),
        "called {} {} with {names}",
        parts.method,
        parts.uri
    );
    if asked.contains_key("early") {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    if asked.contains_key("process") {
        return process().into_response();
    }
    if let Some(file) = asked.get("stream") {
        return streamed(file.clone());
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let is_first = |file: &String| fs::File::create_new(file).is_ok();
    if let Some(code) = asked
        .get("exit")
        .filter(|_| asked.get("once").is_none_or(is_first))
    {
        std::process::exit(code.parse().unwrap());
    }
    if let Some(file) = asked.get("wait") {
        let hung_up = SaysSo;
        println!("waiting");
        appearance(file).await;
        std::mem::forget(hung_up);
    }
    axum::Json(json!({
        "method": parts.method.as_str(),
        "uri": parts.uri.to_string(),
        "headers": headers(&parts.headers),
        "body": String::from_utf8_lossy(&body[..body.len().min(100)]),
    }))
    .into_response()
}

/// What the handler was started with.
fn process() -> axum::Json<Value> {
    let environment: HashMap<_, _> = std::env::vars().collect();
    let folder = std::env::current_dir().unwrap();
    axum::Json(json!({"environment": environment, "folder": folder}))
}

/// Two chunks. The second comes when there is a file.
fn streamed(file: String) -> Response<Body> {
    let chunks = stream::unfold(0, move |sent| {
        let file = file.clone();
        async move {
            if sent == 1 {
                appearance(&file).await;
            }
            let chunk = *["first", "second"].get(sent)?;
            Some((Ok::<_, io::Error>(chunk), sent + 1))
        }
    });
    let answer = Response::builder()
        .header("x-own", "kept")
        .header("set-cookie", "a=1")
        .header("set-cookie", "b=2");
    answer.body(Body::from_stream(chunks)).unwrap()
}

struct SaysSo;

impl Drop for SaysSo {
    fn drop(&mut self) {
        println!("hung up");
    }
}

fn names(headers: &HeaderMap) -> String {
    let names: Vec<_> = headers.keys().map(ToString::to_string).collect();
    names.join(",")
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let text = |name| headers[name].to_str().unwrap().into();
    headers
        .keys()
        .map(|name| (name.to_string(), text(name)))
        .collect()
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

async fn sweep(received: HeaderMap, body: String) -> String {
    let envelope: Value = serde_json::from_str(&body).unwrap();
    json!({
        "Outputs": {"data": envelope["Data"], "metadata": envelope["Metadata"], "headers": headers(&received)},
        "Logs": ["swept"],
        "ReturnValue": "done",
    })
    .to_string()
}

const PROXYING: &str = r#""enableProxyingHttpRequest": true,"#;
const SETTINGS: [(&str, &str); 1] = [("GREETING", "hello")];

/// An app whose handler is the stand-in, with `flags` in host.json's customHandler.
fn app(flags: &str) -> TempDir {
    // For the clients of tests.
    custom_handler::tls::install();
    let app = tempfile::tempdir().unwrap();
    let host = format!(
        r#"{{"customHandler": {{{flags} "description": {{"defaultExecutablePath": "handler"}}}}}}"#
    );
    fs::write(app.path().join("host.json"), host).unwrap();
    add_handler(
        &app.path().join("handler"),
        &this("the_stand_in_runs_under_a_host_alone"),
    );
    let http = r#"{"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
        "route": "echo/{*name}"}, {"type": "http", "direction": "out", "name": "res"}"#;
    let timer = r#"{"type": "timerTrigger", "direction": "in", "name": "timer"},
        {"type": "blob", "direction": "in", "name": "names"}"#;
    for (name, bindings) in [("Echo", http), ("Sweep", timer), ("Fail", timer)] {
        fs::create_dir(app.path().join(name)).unwrap();
        let json = format!(r#"{{"bindings": [{bindings}]}}"#);
        fs::write(app.path().join(name).join("function.json"), json).unwrap();
    }
    app
}

/// This binary and the arguments with which it runs one test.
fn this(test: &str) -> (PathBuf, [String; 3]) {
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::{test}");
    let arguments = ["--exact".to_owned(), test, "--nocapture".to_owned()];
    (std::env::current_exe().unwrap(), arguments)
}

fn add_handler(path: &Path, (binary, arguments): &(PathBuf, [String; 3])) {
    let arguments = arguments.join(" ");
    write_script(path, &format!("exec '{}' {arguments}", binary.display()));
}

fn write_script(path: &Path, command: &str) {
    fs::write(path, format!("#!/bin/sh\n{command}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn host(app: &TempDir) -> Host {
    Host::start(app.path(), &SETTINGS).await.unwrap()
}

async fn get(host: &Host, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", host.url())).await.unwrap()
}

/// What the handler got.
async fn echoed(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

/// The answer to a request that no client would send, from its first line to its end.
async fn raw(host: &Host, head: &str) -> String {
    let address = host.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nhost: api.example\r\nconnection: close\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
