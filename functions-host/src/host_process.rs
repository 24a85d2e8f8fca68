//! A host in a process of its own, which can be killed alone.

use crate::Host;
use anyhow::Context;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Names the folder of the app to the process.
const APP: &str = "FUNCTIONS_HOST_APP";
const HANDLER_AT: &str = "handler at ";

/// A host in a process of its own, to see what becomes of a handler whose host is killed.
///
/// The process is the test's own program, started again to run one test that calls [`HostProcess::main`].
#[derive(Debug)]
pub struct HostProcess {
    process: Child,
    handler_url: String,
    handler_id: u32,
}

impl HostProcess {
    /// Runs the host of the app if this process was started for it; returns at once if it was not.
    ///
    /// # Errors
    /// What [`Host::start`] says.
    pub async fn main(settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let Ok(app) = std::env::var(APP) else {
            return Ok(());
        };
        let host = Host::start(Path::new(&app), settings).await?;
        let id = host.handler_id().context("the handler has ended")?;
        println!("\n{HANDLER_AT}{} {id}", host.handler_url());
        std::future::pending().await
    }

    /// Starts this program again, to run `test` alone on the staged app in a folder. Returns when its handler is ready.
    ///
    /// # Errors
    /// If the process cannot be started, or ends before the handler is ready.
    pub fn start(test: &str, app: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--exact", test, "--nocapture"])
            .env(APP, app)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().into_iter();
        let mut lines = stdout.flat_map(|stdout| BufReader::new(stdout).lines());
        let handler = lines.find_map(|line| {
            let line = line.ok()?;
            let (url, id) = line.strip_prefix(HANDLER_AT)?.split_once(' ')?;
            Some((url.to_owned(), id.parse().ok()?))
        });
        let mut started = Self {
            process,
            handler_url: String::new(),
            handler_id: 0,
        };
        (started.handler_url, started.handler_id) =
            handler.context("the host did not get ready")?;
        Ok(started)
    }

    /// Where the handler listens.
    pub fn handler_url(&self) -> &str {
        &self.handler_url
    }

    /// The id of the handler's process.
    #[must_use]
    pub fn handler_id(&self) -> u32 {
        self.handler_id
    }

    /// Sends SIGKILL to the host alone, and returns when it is gone.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn kill(&mut self) -> std::io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(drop)
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _gone_already = self.kill();
    }
}
