//! A host that is killed itself. It runs in a process of its own.

use super::{PROXYING, SETTINGS, app, this};
use functions_host::HostProcess;

/// The process's main. It runs for the tests that start it, alone.
#[tokio::test]
async fn the_host_runs_in_a_process_of_its_own() {
    HostProcess::main(&SETTINGS).await.unwrap();
}

#[tokio::test]
async fn a_host_that_is_killed_leaves_an_orphan() {
    let app = app(PROXYING);
    let (_, [_, main, _]) = this("orphans::the_host_runs_in_a_process_of_its_own");
    let mut host = HostProcess::start(&main, app.path()).unwrap();
    host.kill().unwrap();
    let alive = reqwest::get(host.handler_url()).await.unwrap();
    assert_eq!(alive.status(), 200);
    // It would stay for good.
    let end = format!("{}/?exit=0", host.handler_url());
    reqwest::get(end).await.unwrap_err();
}
