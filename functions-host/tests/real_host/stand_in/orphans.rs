//! A host that is killed itself. It runs in a process of its own.

use super::{PROXYING, SETTINGS, app, this};
use functions_host::Host;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A host in a process of its own, without its handler's log.
pub(crate) struct HostProcess {
    process: Child,
    pub(crate) handler_url: String,
}

/// The process's main. It runs for the tests that start it, alone.
#[tokio::test]
async fn the_host_runs_in_a_process_of_its_own() {
    let Ok(folder) = std::env::var("HOST_OF") else {
        return;
    };
    let host = Host::start(Path::new(&folder), &SETTINGS).await.unwrap();
    println!("\nhandler at {}", host.handler_url());
    std::future::pending::<()>().await;
}

impl HostProcess {
    pub(crate) fn start(folder: &Path) -> Self {
        let (binary, arguments) = this("orphans::the_host_runs_in_a_process_of_its_own");
        let mut process = Command::new(binary)
            .args(arguments)
            .env("HOST_OF", folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let handler_url = lines
            .find_map(|line| Some(line.unwrap().strip_prefix("handler at ")?.to_owned()))
            .unwrap();
        Self {
            process,
            handler_url,
        }
    }

    /// SIGKILL to the host alone.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

#[tokio::test]
async fn a_host_that_is_killed_leaves_an_orphan() {
    let app = app(PROXYING);
    let mut host = HostProcess::start(app.path());
    host.kill();
    let alive = reqwest::get(&host.handler_url).await.unwrap();
    assert_eq!(alive.status(), 200);
    // It would stay for good.
    let end = format!("{}/?exit=0", host.handler_url);
    reqwest::get(end).await.unwrap_err();
}
