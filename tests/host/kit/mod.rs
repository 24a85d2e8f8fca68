//! A small Functions host: it reads a staged app, starts its handler and passes requests on, as the real
//! host does. What it knows of the host is in its modules, each with the part of the host that it stands for.

pub(crate) mod functions;
pub(crate) mod template;

pub(crate) mod envelope;
pub(crate) mod logs;

mod app;
mod body;
mod connection;
mod http_envelope;
mod path;
mod process;
mod proxy;
mod server;
mod spawn;

pub(crate) mod stand_in;

use app::App;
use envelope::{By, Failure, Outcome};
use functions::Function;
use logs::{Logs, Severity};
use process::{Process, START_LIMIT};
use serde_json::{Map, Value};
use server::{Server, Serving};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

/// A running host with its handler. Dropping it kills the handler.
#[derive(Debug)]
pub(crate) struct Host {
    server: Arc<Server>,
    serving: Serving,
    url: String,
}

/// What differs from host to host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version {
    /// Whether it knows `enableProxyingHttpRequest`.
    pub(crate) proxies: bool,
    /// How long a handler may take to listen.
    pub(crate) start_limit: Duration,
}

impl Default for Version {
    fn default() -> Self {
        Self {
            proxies: true,
            start_limit: START_LIMIT,
        }
    }
}

impl Host {
    /// Starts the app staged in `folder`, with `settings` as its app settings, and waits for its handler.
    pub(crate) async fn start(folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let host = Self::begin(folder, settings, Version::default()).await?;
        host.server.process.ready().await?;
        Ok(host)
    }

    /// The same without waiting: requests that come before the handler is ready wait for it.
    pub(crate) async fn begin(
        folder: &Path,
        settings: &[(&str, &str)],
        version: Version,
    ) -> anyhow::Result<Self> {
        // For the clients of tests.
        custom_handler::tls::install();
        let mut app = App::read(folder)?;
        let logs = Logs::with_levels(std::mem::take(&mut app.log_levels));
        let server = Arc::new(Server {
            process: Process::start(&app, settings, version.start_limit, logs)?,
            older_host: !version.proxies,
            trace_flags: app.trace_flags(settings),
            app,
        });
        let serving = Serving::start(server.clone()).await?;
        Ok(Self {
            url: format!("http://{}", serving.address),
            server,
            serving,
        })
    }

    /// Where callers reach the app, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the host reaches the handler, without a slash at the end.
    pub(crate) fn handler_url(&self) -> String {
        self.server.process.connection.url()
    }

    pub(crate) fn functions(&self) -> &[Function] {
        &self.server.app.functions
    }

    /// Runs a function that HTTP does not trigger. `data` is an object: an input binding's name for each value.
    pub(crate) async fn invoke(&self, function: &str, data: Value) -> Result<Outcome, Failure> {
        self.invoke_by(function, data, By::Trigger).await
    }

    pub(crate) async fn invoke_by(
        &self,
        function: &str,
        data: Value,
        by: By,
    ) -> Result<Outcome, Failure> {
        let named = self.functions().iter().find(|known| known.name == function);
        let Some(found) = named.filter(|known| known.template().is_none()) else {
            return Err(Failure::without_answer(format!(
                "{function} is no function to invoke"
            )));
        };
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        let process = &self.server.process;
        let outcome = envelope::invoke(&process.connection, found, data, by).await?;
        for line in &outcome.logs {
            let category = format!("Function.{function}.User");
            let severity = Severity::Information;
            process.logs.host_says(&category, severity, line.clone());
        }
        Ok(outcome)
    }

    /// The next answer of the handler is lost: it did its work, and the host does not know.
    pub(crate) fn break_connection_once(&self) {
        self.server.process.connection.break_once();
    }

    /// What the handler printed, over all its starts, and what the host says.
    pub(crate) fn logs(&self) -> &Logs {
        &self.server.process.logs
    }

    /// Kills the handler without a word. Requests wait until [`Self::restart`].
    pub(crate) fn kill(&self) {
        self.server.process.kill();
    }

    /// Kills the handler if it runs and starts it again on the same port.
    pub(crate) async fn restart(&self) -> anyhow::Result<()> {
        self.server.process.restart().await
    }

    /// Sends the handler alone a signal such as `-TERM` and waits until it has ended.
    pub(crate) async fn signal(&self, signal: &str) -> anyhow::Result<ExitStatus> {
        self.server.process.signal(signal).await
    }

    /// The handler's process.
    pub(crate) fn process(&self) -> &Process {
        &self.server.process
    }

    /// Stops as the host does when it is asked to: what runs is finished, then the handler is killed.
    pub(crate) async fn stop(self) -> Logs {
        self.serving.stop().await;
        self.server.process.kill();
        self.server.process.logs.clone()
    }
}
