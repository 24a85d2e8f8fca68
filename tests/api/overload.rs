//! More than can be done at once, and callers who are slow or never stop.

use crate::app::{Answer, App};
use cosmos_emulator::{Fault, Resource};
use futures::future::join_all;
use futures::stream;
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn held(resource: Resource) -> Fault {
    Fault {
        resource: Some(resource),
        hold: true,
        ..Fault::default()
    }
}

#[tokio::test]
async fn what_is_too_much_is_turned_away_and_the_rest_is_done() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let hold = app.emulator.inject(held(Resource::Item)).unwrap();
    let requests = join_all((0..400).map(|_| ada.get(&workspace)));
    let (answers, ()) = tokio::join!(requests, async {
        // As many as run at the same time; the health of the process is told all the same.
        app.emulator.fired(hold, 100).await;
        app.handler
            .get("/api/health/live")
            .await
            .expect(StatusCode::OK);
        app.emulator.fired(hold, 128).await;
        tokio::time::timeout(
            std::time::Duration::from_secs(2),
            std::future::pending::<()>(),
        )
        .await
        .unwrap_err();
        app.emulator.clear_faults();
    });
    let (done, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert_eq!(done.len(), 128);
    for answer in refused {
        answer.expect_problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    }
    ada.get(&workspace).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn past_its_deadline_a_request_is_answered_504() {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "1")]).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let workspaces = "/api/workspaces";
    for resource in [Resource::Item, Resource::Query, Resource::Batch] {
        app.emulator.inject(held(resource)).unwrap();
        let asked = Instant::now();
        let late = match resource {
            Resource::Item => ada.get(&workspace).await,
            Resource::Query => ada.get(workspaces).await,
            _ => ada.post(workspaces, json!({"name": "W"})).await,
        };
        late.expect_problem(StatusCode::GATEWAY_TIMEOUT, "deadline-exceeded");
        assert!(asked.elapsed().as_secs() < 5);
        app.emulator.clear_faults();
    }
    ada.get(workspaces).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_write_has_almost_all_of_the_time_there_is() {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "2")]).await;
    let ada = app.user("ada");
    // By a handler that has more time for it, should the machine be busy.
    app.another().user("ada").workspace().await;
    app.emulator.inject(held(Resource::Batch)).unwrap();
    let asked = Instant::now();
    let workspaces = "/api/workspaces";
    let late = ada.post(workspaces, json!({"name": "W"})).await;
    late.expect_problem(StatusCode::GATEWAY_TIMEOUT, "deadline-exceeded");
    assert!(
        asked.elapsed().as_millis() >= 1_750,
        "{:?}",
        asked.elapsed()
    );
}

/// Sends the head of a request and the start of a body that never ends, and reads the answer.
async fn answer_to_a_slow_body(app: &App) -> String {
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let head = "POST /api/workspaces HTTP/1.1\r\nhost: localhost\r\nx-dev-user: ada\r\n\
        content-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"name\":";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The connection is closed after the answer: what follows could not be told from the body.
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// What is too large is received and thrown away, but not for longer than a request may take.
#[tokio::test]
async fn a_body_that_is_too_large_and_stalls_is_cut_at_the_deadline() {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "2")]).await;
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let head = "POST /api/workspaces HTTP/1.1\r\nhost: localhost\r\nx-dev-user: ada\r\n\
        content-type: application/json\r\ncontent-length: 52428800\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b' '; 3 << 20]).await.unwrap();
    let mut answer = Vec::new();
    let answered = connection.read_to_end(&mut answer);
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(30), answered);
    in_time.await.unwrap().unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_cut() {
    let app = App::start().await;
    let slow = join_all((0..300).map(|_| answer_to_a_slow_body(&app)));
    let (answers, ()) = tokio::join!(slow, async {
        // Meanwhile nobody else waits.
        for _ in 0..20 {
            let began = Instant::now();
            app.user("ada").workspace().await;
            assert!(began.elapsed().as_secs() < 5);
        }
    });
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("did not arrive within 10 s"), "{answer}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn endless_and_large_bodies_do_not_fill_the_memory() {
    let app = App::start().await;
    let ada = app.user("ada");
    let before = app.handler.peak_memory();
    let endless = (0..20).map(|_| async {
        let chunk = vec![b' '; 64 * 1024];
        let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
        let request = ada
            .request(Method::POST, "/api/workspaces")
            .header("content-type", "application/json")
            .body(reqwest::Body::wrap_stream(endless));
        // Either it gets the answer, or it finds the connection closed while it still sends.
        match request.send().await {
            Ok(answer) => assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE),
            Err(error) => assert!(error.is_request() || error.is_body(), "{error:?}"),
        }
    });
    join_all(endless).await;
    // Arrays of numbers take the most memory for their size.
    let numbers = format!("[0{}]", ",0".repeat(1_000_000));
    let large = join_all((0..20).map(|_| {
        let request = ada.request(Method::POST, "/api/workspaces");
        let request = request.header("content-type", "application/json");
        Answer::of(request.body(numbers.clone()))
    }));
    let (read, refused): (Vec<_>, Vec<_>) = large
        .await
        .into_iter()
        .partition(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!read.is_empty());
    // On a busy machine some have to wait too long for their turn.
    for answer in refused {
        answer.expect_problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    }
    let grown = app.handler.peak_memory() - before;
    assert!(grown < 350_000, "{grown} KiB more");
}

/// Sends a request of the largest size there is but for its last byte. It may be cut before.
async fn stalled_body(app: &App) -> TcpStream {
    const SIZE: usize = 2 * 1024 * 1024;
    let mut connection = TcpStream::connect(app.handler.address()).await.unwrap();
    let head = format!(
        "POST /api/workspaces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {SIZE}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let _cut = connection.write_all(&vec![b' '; SIZE - 1]).await;
    connection
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn bodies_that_stall_do_not_fill_the_memory_whoever_sends_them() {
    let app = App::start().await;
    let before = app.handler.peak_memory();
    let stalled = (0..300).map(|_| async {
        let mut connection = stalled_body(&app).await;
        let mut answer = Vec::new();
        let _reset = connection.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    });
    for answer in join_all(stalled).await {
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
    let grown = app.handler.peak_memory() - before;
    assert!(grown < 150_000, "{grown} KiB more");
}

#[tokio::test]
async fn large_bodies_that_stall_keep_nobody_from_sending_small_ones() {
    let app = App::start().await;
    let _stalled = join_all((0..20).map(|_| stalled_body(&app))).await;
    let ada = app.user("ada");
    let large = json!({"name": "W", "description": "d".repeat(100_000)});
    ada.post("/api/workspaces", large)
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    ada.workspace().await;
}

#[tokio::test]
async fn large_batches_do_not_wait_for_the_storage_calls_of_others() {
    let app = App::start().await;
    let users: Vec<_> = (0..12).map(|n| format!("user-{n}")).collect();
    let users: Vec<_> = users.iter().map(|user| app.user(user)).collect();
    let workspaces = join_all(users.iter().map(super::app::User::workspace)).await;
    let slow = Fault {
        delay_ms: Some(200),
        ..Fault::default()
    };
    app.emulator.inject(slow).unwrap();
    let project = json!({"name": "P", "description": "d".repeat(1_990)});
    let operations = vec![json!({"op": "create", "project": project}); 30];
    let batches = users.iter().zip(&workspaces).map(|(user, workspace)| {
        let path = format!("{workspace}/projects/batch");
        let body = json!({"operations": operations});
        async move { user.post(&path, body).await }
    });
    for batch in join_all(batches).await {
        batch.expect(StatusCode::OK);
    }
}
