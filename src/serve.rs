//! Listening on the port the host chose, and stopping when told to.

use anyhow::Context;
use axum::Router;
use axum::serve::ListenerExt;
use std::future::IntoFuture;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpListener;

/// After a signal, requests that run get this long to finish.
const DRAIN: Duration = Duration::from_secs(5);

/// Listens on loopback only: the host is on the same machine, and nobody else is to reach the port.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| {
            format!("cannot listen on 127.0.0.1:{port}; FUNCTIONS_CUSTOMHANDLER_PORT chooses another port")
        })
}

/// Serves until SIGINT or SIGTERM, then finishes what runs, for a few seconds at most.
pub async fn serve(listener: TcpListener, app: Router) -> anyhow::Result<()> {
    tracing::info!(address = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "listening");
    let stopping = tokio_util::sync::CancellationToken::new();
    let listener = listener.tap_io(|connection| {
        // Small answers go out at once.
        let _only_slower = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, app)
        .with_graceful_shutdown(stopping.clone().cancelled_owned())
        .into_future();
    let mut server = tokio::spawn(server);
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        () = told_to_stop() => stopping.cancel(),
    }
    tracing::info!("stopping");
    match tokio::time::timeout(DRAIN, server).await {
        Ok(drained) => drained??,
        Err(_elapsed) => tracing::warn!("requests were cut off: they ran longer than the drain"),
    }
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
