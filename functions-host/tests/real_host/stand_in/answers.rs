//! Answers on their way to the caller, and requests that get none.

use super::{PROXYING, SETTINGS, app, get, host};
use functions_host::{Host, Options, Severity};
use reqwest::Client;
use std::fs;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn answers_stream_and_nothing_is_dropped_from_them() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let file = app.path().join("second");
    let path = format!("/api/echo?stream={}", file.display());
    let answer = timeout(Duration::from_secs(30), get(&host, &path)).await;
    let mut answer = answer.unwrap();
    let headers = answer.headers();
    assert_eq!(headers["x-own"], "kept");
    let cookies: Vec<_> = headers.get_all("set-cookie").into_iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    let first = timeout(Duration::from_secs(30), answer.chunk()).await;
    assert_eq!(first.unwrap().unwrap().unwrap(), "first");
    fs::write(file, "").unwrap();
    assert_eq!(answer.text().await.unwrap(), "second");
}

#[tokio::test]
async fn no_answer_in_time_is_a_500() {
    let app = app(PROXYING);
    let impatient = Options {
        answer_limit: Duration::from_millis(300),
        ..Options::default()
    };
    let host = Host::start_with(app.path(), &SETTINGS, impatient);
    let host = host.await.unwrap();
    let answer = get(&host, "/api/echo?wait=/never");
    let answer = timeout(Duration::from_secs(30), answer).await;
    assert_eq!(answer.unwrap().status(), 500);
    let said = host.logs().line_with("no answer in time").await.unwrap();
    assert_eq!(said.severity, Severity::Error);
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_handled_twice() {
    let app = app(PROXYING);
    let host = host(&app).await;
    host.break_connection_once();
    assert_eq!(get(&host, "/api/echo").await.status(), 200);
    host.kill();
    let calls = host.logs().to_string();
    assert_eq!(calls.matches("called GET /api/echo").count(), 2);
}

#[tokio::test]
async fn an_answer_in_the_middle_of_a_large_body_is_a_500() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let post = Client::new().post(format!("{}/api/echo?early=1", host.url()));
    let answer = post.body(vec![b' '; 32 << 20]).send().await.unwrap();
    assert_eq!(answer.status(), 500);
}

#[tokio::test]
async fn a_caller_who_hangs_up_cancels_the_request_to_the_handler() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let url = format!("{}/api/echo?wait=/never", host.url());
    let asked = tokio::spawn(reqwest::get(url));
    host.logs().line_with("waiting").await.unwrap();
    asked.abort();
    host.logs().line_with("hung up").await.unwrap();
    let executed = host.logs().line_with("Executed").await.unwrap();
    assert_eq!(executed.text, "Executed 'Functions.Echo' (Succeeded)");
}
