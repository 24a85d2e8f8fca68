//! What the world outside reaches: HTTP under the route prefix, routed to functions.

use super::admin;
use super::app::{App, Mode};
use super::envelope::{self, By, Failure, Outcome};
use super::functions::Function;
use super::host::Options;
use super::http_envelope;
use super::logs::{Logs, Severity};
use super::path::encoded_again;
use super::process::Process;
use super::proxy::{Seen, proxy};
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Map, Value};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// An invocation without an answer by then has failed.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_mins(4);
/// The host's default for `maxRequestBodySize`.
pub(crate) const MAX_BODY: u64 = 100 << 20;

#[derive(Debug)]
pub(crate) struct Server {
    app: RwLock<Arc<App>>,
    pub(crate) process: Arc<Process>,
    older_host: bool,
    answer_limit: Duration,
    /// Whether the host sends telemetry to Application Insights.
    application_insights: bool,
}

/// What is served until it is stopped, or the runtime ends.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    pub(crate) async fn start(server: Arc<Server>, port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let routes = admin::router().fallback(answer).with_state(server);
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, routes).with_graceful_shutdown(async {
            let _dropped = stopped.await;
        });
        Ok(Self {
            address,
            ended: tokio::spawn(async { serving.await }),
            stop,
        })
    }

    /// Accepts nothing more and lets the requests in flight finish.
    pub(crate) async fn stop(self) {
        let _gone_already = self.stop.send(());
        let _ended = self.ended.await;
    }
}

/// The handler's answer; a bare 404 when no function has the path, a bare 500 when the invocation failed.
async fn answer(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Response<Body> {
    let Ok(path) = encoded_again(request.uri()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if request.body().size_hint().lower() > MAX_BODY {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    *request.uri_mut() = path.into();
    let path = request.uri().path().to_owned();
    let app = server.app();
    let Some((function, parameters)) = app.function(request.method().as_str(), &path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let invocation = Invocation::begin(&server.process.logs, &function.name);
    let answer = server.invoke(function, parameters, caller, request);
    let failure = match timeout(server.answer_limit, answer).await {
        Ok(Ok(answer)) => return answer,
        Ok(Err(error)) => format!("{error:#}"),
        Err(_elapsed) => "no answer in time".to_owned(),
    };
    invocation.fail(&failure);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// The host's two lines about an invocation. One that is dropped has succeeded, even when the caller hung up.
struct Invocation<'a> {
    logs: &'a Logs,
    function: &'a str,
    ended: (Severity, String),
}

impl<'a> Invocation<'a> {
    fn begin(logs: &'a Logs, function: &'a str) -> Self {
        let invocation = Self {
            logs,
            function,
            ended: (Severity::Information, "(Succeeded)".to_owned()),
        };
        invocation.say(Severity::Information, "Executing", "");
        invocation
    }

    fn fail(mut self, why: &str) {
        self.ended = (Severity::Error, format!("(Failed): {why}"));
    }

    fn say(&self, severity: Severity, what: &str, how: &str) {
        let said = format!("{what} 'Functions.{}' {how}", self.function);
        let category = format!("Function.{}", self.function);
        self.logs
            .host_says(&category, severity, said.trim_end().to_owned());
    }
}

impl Drop for Invocation<'_> {
    fn drop(&mut self) {
        let (severity, how) = &self.ended;
        self.say(*severity, "Executed", how);
    }
}

impl Server {
    pub(crate) fn start(
        mut app: App,
        settings: &[(&str, &str)],
        options: &Options,
    ) -> anyhow::Result<Self> {
        let logs = Logs::new(std::mem::take(&mut app.log_levels), options.on_terminal);
        Ok(Self {
            process: Process::start(&app, settings, options, logs)?,
            older_host: !options.proxies,
            answer_limit: options.answer_limit,
            application_insights: settings
                .iter()
                .any(|(name, _)| *name == "APPLICATIONINSIGHTS_CONNECTION_STRING"),
            app: RwLock::new(Arc::new(app)),
        })
    }

    pub(crate) fn app(&self) -> Arc<App> {
        let app = self.app.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&app)
    }

    pub(crate) async fn renew(&self) -> anyhow::Result<()> {
        let mut app = App::read(&self.app().folder)?;
        let levels = std::mem::take(&mut app.log_levels);
        self.process.logs.set_levels(levels);
        *self.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
        self.process.renew().await
    }

    /// Runs a function that HTTP does not trigger.
    pub(crate) async fn run(
        &self,
        function: &str,
        data: Value,
        by: By,
    ) -> Result<Outcome, Failure> {
        let app = self.app();
        let named = app.functions.iter().find(|known| known.name == function);
        let Some(found) = named.filter(|known| known.template().is_none()) else {
            return Err(Failure::without_answer(format!(
                "{function} is no function to invoke"
            )));
        };
        let mut data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        if let Some(timer) = found.trigger().filter(|trigger| trigger.is_timer()) {
            data.entry(&timer.name).or_insert_with(envelope::timer);
        }
        let outcome = envelope::invoke(&self.process.connection, found, data, by).await?;
        for line in &outcome.logs {
            let category = format!("Function.{function}.User");
            let severity = Severity::Information;
            self.process
                .logs
                .host_says(&category, severity, line.clone());
        }
        Ok(outcome)
    }

    async fn invoke(
        &self,
        function: &Function,
        parameters: Vec<(String, String)>,
        caller: SocketAddr,
        request: Request,
    ) -> anyhow::Result<Response<Body>> {
        let _unanswered = self.process.enter().await?;
        let connection = &self.process.connection;
        let app = self.app();
        match app.mode(function, self.older_host) {
            Mode::Proxy => {
                let seen = Seen {
                    caller,
                    trace_flags: self.application_insights.then(|| app.trace_flags()),
                };
                proxy(connection, request, seen).await
            }
            Mode::Envelope => {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await?;
                let request = Request::from_parts(parts, body);
                let answer = http_envelope::call(connection, function, parameters, request).await;
                Ok(answer?.map(Body::from))
            }
        }
    }
}
