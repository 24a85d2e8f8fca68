//! A small Functions host: it reads a staged app, starts its handler and passes requests on, as the real
//! host does. What it knows of the host is in its modules, each with the part of the host that it stands for.

pub(crate) mod functions;
pub(crate) mod template;

pub(crate) mod envelope;
pub(crate) mod logs;

mod app;
mod connection;
mod forward;
mod http_envelope;
mod process;
mod proxy;
mod server;

#[cfg(test)]
mod stand_in;

use app::App;
use envelope::{Failure, Outcome};
use functions::Function;
use logs::Logs;
use process::Process;
use serde_json::{Map, Value};
use server::Server;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;

/// A running host with its handler. Dropping it kills the handler.
#[derive(Debug)]
pub(crate) struct Host {
    server: Arc<Server>,
    process: Process,
    url: String,
}

impl Host {
    /// Starts the app staged in `folder`, with `settings` as its app settings.
    pub(crate) async fn start(folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_version(folder, settings, false).await
    }

    /// The same on a host that does not know `enableProxyingHttpRequest`.
    pub(crate) async fn start_older(
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        Self::start_version(folder, settings, true).await
    }

    async fn start_version(
        folder: &Path,
        settings: &[(&str, &str)],
        older_host: bool,
    ) -> anyhow::Result<Self> {
        let app = App::read(folder)?;
        let process = Process::start(&app, settings).await?;
        let server = Arc::new(Server {
            app,
            connection: process.connection.clone(),
            older_host,
        });
        let address = server::serve(server.clone()).await?;
        Ok(Self {
            server,
            process,
            url: format!("http://{address}"),
        })
    }

    /// Where callers reach the app, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the host reaches the handler, without a slash at the end.
    pub(crate) fn handler_url(&self) -> String {
        self.process.connection.url()
    }

    pub(crate) fn functions(&self) -> &[Function] {
        &self.server.app.functions
    }

    /// Runs a function that HTTP does not trigger. `data` is an object: an input binding's name for each value.
    pub(crate) async fn invoke(&self, function: &str, data: Value) -> Result<Outcome, Failure> {
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
        envelope::invoke(&self.server.connection, found, data).await
    }

    /// The next answer of the handler is lost: it did its work, and the host does not know.
    pub(crate) fn break_connection_once(&self) {
        self.server.connection.break_once();
    }

    /// What the handler printed, over all its starts.
    pub(crate) fn logs(&self) -> &Logs {
        &self.process.logs
    }

    /// Kills the handler as the host does, without a word. Requests fail until [`Self::restart`].
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills the handler if it runs and starts it again on the same port.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        self.process.restart().await
    }

    /// Sends the handler SIGTERM and waits until it has ended.
    pub(crate) async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        self.process.terminate().await
    }
}
