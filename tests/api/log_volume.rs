//! How much is logged, and that it is enough.

use crate::app::{Answer, App, Handler, request};
use cosmos_emulator::{Fault, Resource};
use futures::stream::{self, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Everything on stdout and stderr until it ended in order.
fn all_lines(handler: &mut Handler) -> Vec<Value> {
    handler.terminate();
    let (stdout, stderr) = handler.printed();
    let lines = stdout.lines().chain(stderr.lines());
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

fn with_message<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    let is_it = |line: &&Value| line["message"] == message;
    lines.iter().filter(is_it).collect()
}

/// The rows of all summaries.
fn rows(lines: &[Value]) -> Vec<Value> {
    let summaries = with_message(lines, "requests");
    let rows = summaries
        .iter()
        .map(|line| line["routes"].as_str().unwrap());
    rows.flat_map(|rows| serde_json::from_str::<Vec<Value>>(rows).unwrap())
        .collect()
}

fn sum(rows: &[Value], route: &str, field: &str) -> f64 {
    let of_route = rows.iter().filter(|row| row["route"] == route);
    of_route.map(|row| row[field].as_f64().unwrap()).sum()
}

const GET_WORKSPACE: &str = "GET /api/workspaces/{workspaceId}";

#[tokio::test]
async fn a_million_ordinary_requests_leave_at_most_20_mb() {
    const MEASURED: u32 = 2_000;
    let mut app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    let url = format!("http://{}{path}", app.handler.address());
    let charges = stream::iter(0..MEASURED).map(|_| async {
        let answer = request(Method::GET, url.clone())
            .header("x-dev-user", "ada")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let charge = answer.headers()["x-ms-request-charge"]
            .to_str()
            .unwrap()
            .to_owned();
        answer.bytes().await.unwrap();
        charge.parse::<f64>().unwrap()
    });
    let charged: f64 = charges
        .buffer_unordered(16)
        .collect::<Vec<_>>()
        .await
        .iter()
        .sum();

    let lines = all_lines(&mut app.handler);
    // On a loaded machine some are slow, which is not ordinary.
    let is_slow = |line: &&Value| line["duration_ms"].as_f64() > Some(1_000.0);
    let ordinary = lines.iter().filter(|line| !is_slow(line));
    let bytes: usize = ordinary.map(|line| line.to_string().len() + 1).sum();
    println!("{bytes} bytes for {MEASURED} requests");
    assert!(bytes * 500 <= 20_000_000, "{bytes} bytes");
    let rows = rows(&lines);
    assert!((sum(&rows, GET_WORKSPACE, "count") - f64::from(MEASURED)).abs() < 0.1);
    let added_up = sum(&rows, GET_WORKSPACE, "request_charge");
    assert!((added_up - charged).abs() < 1.0, "{added_up} of {charged}");
}

#[tokio::test]
async fn the_summary_names_who_used_most_by_hashes_and_nothing_is_lost_at_sigterm() {
    let mut app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let path = ada.workspace().await;
    let shouted = path.replace(&path[16..], &path[16..].to_uppercase());
    for path in [&path, &path, &shouted] {
        ada.get(path).await.expect(StatusCode::OK);
    }
    bob.get("/api/workspaces").await.expect(StatusCode::OK);
    app.handler
        .get("/api/health/live")
        .await
        .expect(StatusCode::OK);
    app.handler
        .get("/api/health/ready")
        .await
        .expect(StatusCode::OK);

    let lines = all_lines(&mut app.handler);
    let rows = rows(&lines);
    assert!((sum(&rows, GET_WORKSPACE, "count") - 3.0).abs() < 0.1);
    assert!(
        rows.iter()
            .all(|row| !row["route"].as_str().unwrap().contains("health"))
    );
    // Of healthy probes neither.
    assert!(with_message(&lines, "request").is_empty(), "{lines:?}");
    let [summary] = with_message(&lines, "requests")[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(summary["requests"], 5);
    let most = |field: &str| {
        let most = summary[field].as_str().unwrap();
        serde_json::from_str::<Vec<(String, f64)>>(most).unwrap()
    };
    let callers = most("callers");
    assert_eq!(callers.len(), 2);
    assert!(callers[0].1 > callers[1].1);
    assert_eq!(most("partitions").len(), 1);
    let text = summary.to_string();
    assert!(
        !text.contains("ada") && !text.contains(&path[16..]),
        "{text}"
    );
}

/// The first 10 seconds and the next ones: each window ends by itself.
#[tokio::test]
async fn a_handler_that_runs_writes_a_summary_every_ten_seconds() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    for route in ["POST /api/workspaces", GET_WORKSPACE] {
        let written = tokio::time::timeout(Duration::from_secs(30), app.handler.says(route));
        written.await.expect(route);
        ada.get(&path).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn what_deserves_a_line_has_one_at_once() {
    let mut app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "10")]).await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    let member = format!("{path}/members/bob");
    ada.put(&member, json!({"role": "viewer"}))
        .await
        .expect(StatusCode::CREATED);
    ada.get(&path).await.expect(StatusCode::OK);
    let fault = |status, delay_ms| Fault {
        resource: Some(Resource::Item),
        status,
        sub_status: status.map(|_| 3_200),
        delay_ms,
        ..Fault::default()
    };
    app.emulator.inject(fault(Some(429), None)).unwrap();
    ada.get(&path).await.expect(StatusCode::TOO_MANY_REQUESTS);
    app.emulator.clear_faults();
    app.emulator.inject(fault(None, Some(1_100))).unwrap();
    ada.get(&path).await.expect(StatusCode::OK);
    app.emulator.clear_faults();
    ada.delete(&member).await.expect(StatusCode::NO_CONTENT);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    let (bob, me) = (app.user("bob"), "/api/users/me");
    bob.put(me, json!({})).await.expect(StatusCode::CREATED);
    bob.delete(me).await.expect(StatusCode::NO_CONTENT);

    let lines = all_lines(&mut app.handler);
    let own = with_message(&lines, "request").into_iter().map(|line| {
        let slow = line["duration_ms"].as_f64().unwrap() > 1_000.0;
        let method = line["method"].as_str().unwrap();
        (method, line["status"].as_u64().unwrap(), slow)
    });
    // On a loaded machine there are more that are slow.
    let mut own = own.peekable();
    for (method, status, slow) in [
        ("PUT", 201, None),
        ("GET", 429, None),
        ("GET", 200, Some(true)),
        ("DELETE", 204, None),
        ("DELETE", 204, None),
        ("DELETE", 204, None),
    ] {
        let is_it = |line: &(&str, u64, bool)| {
            (line.0, line.1) == (method, status) && slow.is_none_or(|slow| slow == line.2)
        };
        while let Some(other) = own.next_if(|line| !is_it(line)) {
            assert!(other.2, "{other:?}");
        }
        assert!(own.next().is_some(), "{method} {status}");
    }
}

const FAILURES: u32 = 300;

/// What a handler with this log filter prints while storage fails many times within a second.
async fn lines_of_a_flood(filter: &str) -> Vec<Value> {
    let mut app = App::with(&[("RUST_LOG", filter)]).await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    app.emulator
        .inject(Fault {
            resource: Some(Resource::Item),
            status: Some(500),
            ..Fault::default()
        })
        .unwrap();
    let failures = stream::iter(0..FAILURES).map(|_| ada.get(&path));
    let failures: Vec<Answer> = failures.buffer_unordered(32).collect().await;
    assert!(
        failures
            .iter()
            .all(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE)
    );
    all_lines(&mut app.handler)
}

/// How many requests that failed have a line, and how many lines were not written.
fn logged(lines: &[Value]) -> (u32, u64) {
    let own = with_message(lines, "request").into_iter();
    let own = own.filter(|line| line["status"] == 503).count();
    let summaries = with_message(lines, "requests").into_iter();
    let not_logged = summaries.filter_map(|line| line["not_logged"].as_u64());
    (own.try_into().unwrap(), not_logged.sum())
}

#[tokio::test]
async fn a_flood_of_failures_is_bounded_and_counted() {
    let lines = lines_of_a_flood("info").await;
    let (own, not_logged) = logged(&lines);
    assert_eq!(u64::from(own) + not_logged, u64::from(FAILURES));
    assert!(own >= 10 && not_logged > 0, "{own} lines");
    assert!((sum(&rows(&lines), GET_WORKSPACE, "count") - f64::from(FAILURES)).abs() < 0.1);
}

#[tokio::test]
async fn at_debug_every_request_has_its_line_in_a_flood_as_well() {
    let (own, bounded) = logged(&lines_of_a_flood("info,rest=debug").await);
    assert_eq!(own, FAILURES);
    assert!(bounded > 0);
}

#[tokio::test]
async fn an_idle_process_writes_nothing() {
    let mut app = App::start().await;
    app.handler.says("container open").await;
    let lines = all_lines(&mut app.handler);
    assert!(with_message(&lines, "stopping").len() == 1);
    for message in ["request", "requests"] {
        assert!(with_message(&lines, message).is_empty(), "{lines:?}");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_a_line_with_what_it_had_spent() {
    let mut app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    // The change has read the workspace by then.
    let held = app
        .emulator
        .inject(Fault {
            method: Some("PUT".to_owned()),
            resource: Some(Resource::Item),
            hold: true,
            ..Fault::default()
        })
        .unwrap();
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let request = format!(
        "PATCH {path} HTTP/1.1\r\nhost: localhost\r\nx-dev-user: ada\r\ncontent-type: application/json\r\n\
         content-length: 12\r\n\r\n{{\"name\":\"P\"}}",
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    assert!(app.emulator.fired(held, 1).await);
    drop(connection);
    tokio::time::timeout(Duration::from_secs(20), app.handler.says("\"status\":499"))
        .await
        .unwrap();
    app.emulator.clear_faults();
    let answer = ada.patch(&path, json!({"name": "W"})).await;
    answer.expect(StatusCode::OK);

    let lines = all_lines(&mut app.handler);
    let own = with_message(&lines, "request").into_iter();
    let own: Vec<_> = own.filter(|line| line["status"] == 499).collect();
    let [line] = own[..] else {
        panic!("{own:?}");
    };
    assert_eq!(line["method"], "PATCH");
    assert!(line["request_charge"].as_f64() > Some(0.0), "{line}");
    assert_eq!(line["caller"].as_str().unwrap().len(), 16);
}
