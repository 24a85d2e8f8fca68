//! Listening on the port the host chose, and stopping when told to.

mod stop;

pub use stop::{HostProcess, Reason};

use crate::uri;
use anyhow::Context;
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The host keeps some connections open; more than this wait to be accepted.
const MAX_CONNECTIONS: usize = 1_024;
/// A connection on which no request arrives for this long is closed.
const IDLE: Duration = Duration::from_mins(2);
/// What one connection reads ahead: the head of a request, and of its body as much as nobody has asked for yet.
const READ_AHEAD: usize = 64 * 1024;
/// When the process is out of file descriptors, some come back as connections end.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Listens on loopback only: the host is on the same machine, and nobody else is to reach the port.
///
/// # Errors
/// An error of the system, for example when another process has the port.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| {
            format!("cannot listen on 127.0.0.1:{port}; FUNCTIONS_CUSTOMHANDLER_PORT chooses another port")
        })
}

/// Serves until SIGINT or SIGTERM, or until the host is gone; then finishes what runs, for as long as a request
/// may take. A second signal cuts that short.
///
/// # Errors
/// A listener without an address.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    request_timeout: Duration,
    host: Option<HostProcess>,
) -> anyhow::Result<Reason> {
    tracing::info!(address = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "listening");
    let connections = GracefulShutdown::new();
    let reason = tokio::select! {
        never = accept(&listener, &app, &connections) => match never {},
        reason = stop::told_to_stop(host) => reason,
    };
    tracing::info!(?reason, "stopping");
    drop(listener);
    let finished = tokio::select! {
        finished = tokio::time::timeout(reason.drain(request_timeout), connections.shutdown()) => finished.is_ok(),
        _ = stop::told_to_stop(None) => false,
    };
    if !finished {
        tracing::warn!("requests were cut off");
    }
    Ok(reason)
}

async fn accept(
    listener: &TcpListener,
    app: &Router,
    connections: &GracefulShutdown,
) -> std::convert::Infallible {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(READ_AHEAD);
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let app = TowerToHyperService::new(app.clone());
                // Before routing, so that a path may be written in any of its forms.
                let service = service_fn(move |request| app.call(uri::normalized(request)));
                // Small answers go out at once.
                let _only_slower = stream.set_nodelay(true);
                let connection = http.serve_connection(TokioIo::new(stream), service);
                let connection = connections.watch(connection);
                tokio::spawn(async move {
                    // How it ended concerns nobody here: the client knows.
                    let _ended = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}
