//! A host in a process of its own, which can be killed alone.

use crate::staged::settings;
use functions_host::Host;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) struct HostProcess {
    process: Child,
    pub(crate) handler_url: String,
}

/// The process's main. It runs for the test that starts it, alone.
#[tokio::test]
async fn the_host_runs_in_a_process_of_its_own() {
    let Ok(folder) = std::env::var("HOST_OF") else {
        return;
    };
    let settings = settings("http://127.0.0.1:1");
    let host = Host::start(Path::new(&folder), &settings).await.unwrap();
    println!("\nhandler at {}", host.handler_url());
    std::future::pending::<()>().await;
}

impl HostProcess {
    pub(crate) fn start(folder: &Path) -> Self {
        let main = "host_process::the_host_runs_in_a_process_of_its_own";
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", main, "--nocapture"])
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
