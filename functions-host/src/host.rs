//! A host as a test or a developer starts it.

use crate::app::App;
use crate::envelope::{By, Failure, Outcome};
use crate::functions::Function;
use crate::logs::Logs;
use crate::process::START_LIMIT;
use crate::server::{ANSWER_LIMIT, Server, Serving};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

/// A running host with its handler. Dropping it kills the handler.
#[derive(Debug)]
pub struct Host {
    server: Arc<Server>,
    serving: Serving,
    url: String,
}

/// What differs from host to host. [`Options::default`] is a new host on a free port that keeps the log.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port for callers on loopback, 0 for any free one.
    pub port: u16,
    /// Whether it knows `enableProxyingHttpRequest`.
    pub proxies: bool,
    /// How long a handler may take to listen.
    pub start_limit: Duration,
    /// How long it may take to answer a request.
    pub answer_limit: Duration,
    /// The handler to start instead of the one that `host.json` names.
    pub handler: Option<PathBuf>,
    /// Whether the handler writes to this process's streams, and not to [`Host::logs`].
    pub on_terminal: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            proxies: true,
            start_limit: START_LIMIT,
            answer_limit: ANSWER_LIMIT,
            handler: None,
            on_terminal: false,
        }
    }
}

impl Host {
    /// Starts the app staged in `folder`, with `settings` as its app settings, and waits for its handler.
    /// Errors when the app cannot be read, and with the log when the handler does not get ready.
    pub async fn start(folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_with(folder, settings, Options::default()).await
    }

    /// The same with options.
    pub async fn start_with(
        folder: &Path,
        settings: &[(&str, &str)],
        options: Options,
    ) -> anyhow::Result<Self> {
        let host = Self::begin(folder, settings, options).await?;
        host.ready().await?;
        Ok(host)
    }

    /// The same without waiting: requests that come before the handler is ready wait for it.
    pub async fn begin(
        folder: &Path,
        settings: &[(&str, &str)],
        options: Options,
    ) -> anyhow::Result<Self> {
        let port = options.port;
        let server = Arc::new(Server::start(App::read(folder)?, settings, &options)?);
        let serving = Serving::start(server.clone(), port).await?;
        Ok(Self {
            url: format!("http://{}", serving.address),
            server,
            serving,
        })
    }

    /// Waits until requests reach the handler. Errors when they never will.
    pub async fn ready(&self) -> anyhow::Result<()> {
        self.server.process.ready().await
    }

    /// Where callers reach the app, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the host reaches the handler, without a slash at the end.
    pub fn handler_url(&self) -> String {
        self.server.process.connection.url()
    }

    /// The app's functions, by name.
    pub fn functions(&self) -> Vec<Function> {
        self.server.app().functions.clone()
    }

    /// Runs a function that HTTP does not trigger. `data` is an object: an input binding's name for each value.
    /// What a timer brings may be left out.
    pub async fn invoke(&self, function: &str, data: Value) -> Result<Outcome, Failure> {
        self.invoke_by(function, data, By::Trigger).await
    }

    /// The same, with what started it.
    pub async fn invoke_by(&self, function: &str, data: Value, by: By) -> Result<Outcome, Failure> {
        self.server.run(function, data, by).await
    }

    /// The next answer of the handler is lost: it did its work, and the host does not know.
    pub fn break_connection_once(&self) {
        self.server.process.connection.break_once();
    }

    /// What the handler printed, over all its starts, and what the host says.
    pub fn logs(&self) -> &Logs {
        &self.server.process.logs
    }

    /// Kills the handler without a word. Requests wait until [`Self::restart`].
    pub fn kill(&self) {
        self.server.process.kill();
    }

    /// Kills the handler if it runs and starts it again on the same port.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.server.process.restart().await
    }

    /// Reloads the app and replaces the handler by what its file is now. The old one finishes what it does,
    /// within 2 s, and requests that come meanwhile wait. Errors when the new handler does not get ready.
    pub async fn renew(&self) -> anyhow::Result<()> {
        self.server.renew().await
    }

    /// Sends the handler alone a signal such as `-TERM` and waits until it has ended.
    pub async fn signal(&self, signal: &str) -> anyhow::Result<ExitStatus> {
        self.server.process.signal(signal).await
    }

    /// How the handler ended, each time that it ended by itself.
    pub fn exits(&self) -> Vec<ExitStatus> {
        self.server.process.exits()
    }

    /// The id of the handler's process, while there is one.
    pub fn handler_id(&self) -> Option<u32> {
        self.server.process.id()
    }

    /// Stops as the host does when it is asked to: what runs is finished, then the handler is killed.
    pub async fn stop(self) -> Logs {
        self.serving.stop().await;
        self.server.process.kill();
        self.server.process.logs.clone()
    }
}
