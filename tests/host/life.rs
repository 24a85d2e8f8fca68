//! Starting, crashing and stopping under the host.

use crate::host_process;
use crate::lifetime::a_workspace_lives_and_dies;
use crate::staged::{self, Staged};
use cosmos_emulator::{Fault, Resource};
use functions_host::{Host, Severity};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn without_settings_the_host_starts_it_and_shows_what_is_missing_as_warnings() {
    let folder = staged::folder();
    let host = Host::start(&staged::app(&folder), &[]).await.unwrap();
    let missing = host.logs().line_with("COSMOS_ENDPOINT is missing").await;
    assert_eq!(missing.unwrap().severity, Severity::Warning);
    let listening = host.logs().line_with("listening").await.unwrap();
    assert_eq!(listening.severity, Severity::Information);

    let ready = reqwest::get(format!("{}/api/health/ready", host.url()))
        .await
        .unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let live = reqwest::get(format!("{}/api/health/live", host.url()))
        .await
        .unwrap();
    assert_eq!(live.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_was_saved_survives_a_kill() {
    let app = Staged::start().await;
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let path = created.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = created.json().await.unwrap();

    app.host.kill();
    app.host.restart().await.unwrap();
    let read = app.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(read.json::<Value>().await.unwrap(), created);
}

#[tokio::test]
async fn it_stops_cleanly_when_asked_to() {
    let app = Staged::start().await;
    let path = "/api/health/live";
    // The host takes this for a restart on purpose, and goes on.
    for _ in 0..4 {
        let ended = app.host.signal("-TERM").await.unwrap();
        assert_eq!(ended.code(), Some(200));
        let live = app.request(Method::GET, path).send().await.unwrap();
        assert_eq!(live.status(), StatusCode::OK);
    }
    app.host.logs().line_with("stopping").await.unwrap();
    // A terminal sends this to the host, too.
    let ended = app.host.signal("-INT").await.unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn a_handler_whose_host_was_killed_ends_by_itself() {
    let folder = staged::folder();
    let mut host = host_process::start(&staged::app(&folder));
    let live = format!("{}/api/health/live", host.handler_url());
    assert_eq!(reqwest::get(&live).await.unwrap().status(), StatusCode::OK);
    host.kill().unwrap();
    let gone = async {
        while is_alive(host.handler_id()) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(30), gone).await.unwrap();
}

/// A process that has ended and that nobody has asked how is not.
fn is_alive(id: u32) -> bool {
    let mut ps = Command::new("ps");
    let state = ps.args(["-o", "stat=", "-p", &id.to_string()]).output();
    let state = state.unwrap().stdout;
    state.first().is_some_and(|state| *state != b'Z')
}

/// As most instances have it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_one_core_it_serves_and_stops_as_well() {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    // The handler starts on the cores of the thread that starts it, which is this one.
    let this_thread = Pid::from_raw(0);
    let usable = sched_getaffinity(this_thread).unwrap();
    let first = (0..CpuSet::count()).find(|core| usable.is_set(*core).unwrap());
    let mut one = CpuSet::new();
    one.set(first.unwrap()).unwrap();
    sched_setaffinity(this_thread, &one).unwrap();

    let app = Staged::start().await;
    sched_setaffinity(this_thread, &usable).unwrap();
    a_workspace_lives_and_dies(|method, path| app.request(method, path)).await;
    let ended = app.host.signal("-TERM").await.unwrap();
    assert_eq!(ended.code(), Some(200));
}

#[tokio::test]
async fn a_request_that_runs_is_finished_before_it_stops() {
    let app = Staged::start().await;
    let create = app.request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let path = created.headers()["location"].to_str().unwrap().to_owned();

    let held = Fault {
        method: Some("GET".to_owned()),
        resource: Some(Resource::Item),
        hold: true,
        ..Fault::default()
    };
    let held = app.emulator.inject(held).unwrap();
    let read = tokio::spawn(app.request(Method::GET, &path).send());
    assert!(app.emulator.fired(held, 1).await);

    let (logs, emulator) = (app.host.logs().clone(), &app.emulator);
    let (stopped, ()) = tokio::join!(app.host.signal("-TERM"), async {
        logs.line_with("stopping").await.unwrap();
        // Longer than it used to wait: as long as the request may take, the handler does.
        sleep(Duration::from_secs(6)).await;
        emulator.remove_fault(held);
    });
    assert_eq!(stopped.unwrap().code(), Some(200));
    assert_eq!(read.await.unwrap().unwrap().status(), StatusCode::OK);
}
