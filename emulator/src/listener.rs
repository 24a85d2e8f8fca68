//! A region's port on loopback: HTTP/1.1 and HTTP/2 with prior knowledge, and connections that a
//! fault or an outage can cut.

use anyhow::Context;
use axum::{Extension, Router};
use azure_core::http::Url;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tower::Layer;
use uuid::Uuid;

/// A region and the address it is reached at.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    pub(crate) name: String,
    pub(crate) url: Url,
}

/// Takes `port` without listening yet: nobody else can take it, and connecting to it fails.
pub(crate) fn reserve(port: u16) -> anyhow::Result<TcpSocket> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = TcpSocket::new_v4()?;
    share(&socket, true)?;
    socket
        .bind(address)
        .with_context(|| format!("cannot listen on {address}"))?;
    share(&socket, false)?;
    Ok(socket)
}

/// Takes a port below those that systems give to outgoing connections: one of these could sit on it while the emulator
/// does not listen.
pub(crate) fn reserve_any() -> anyhow::Result<TcpSocket> {
    const FIRST: u16 = 10_000;
    const COUNT: u128 = 10_000;
    let random = |_| u16::try_from(Uuid::new_v4().as_u128() % COUNT);
    let mut ports = (0..COUNT).filter_map(|tried| Some(FIRST + random(tried).ok()?));
    let free = ports.find_map(|port| reserve(port).ok());
    free.context("no port is free")
}

/// Lets the socket have the port beside closed connections that linger there (`TIME_WAIT`), and
/// beside other sockets that do not listen yet. Windows does the first anyway, and would let two
/// processes listen.
fn share(socket: &TcpSocket, shared: bool) -> std::io::Result<()> {
    socket.set_reuseaddr(shared && cfg!(unix))
}

/// Answers on one port until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    port: u16,
    stop: oneshot::Sender<()>,
    accepting: Accepting,
}

impl Listener {
    pub(crate) fn start(
        socket: TcpSocket,
        router: Router,
        accepted: Arc<AtomicU64>,
    ) -> anyhow::Result<Self> {
        let address = socket.local_addr()?;
        share(&socket, true)?;
        let listener = socket
            .listen(1024)
            .with_context(|| format!("cannot listen on {address}"))?;
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, router, accepted, stopped));
        Ok(Self {
            port: address.port(),
            stop,
            accepting: Accepting(accepting),
        })
    }

    /// Closes the port and its connections, and returns the port when they are closed.
    pub(crate) async fn stop(mut self) -> u16 {
        // Both fail only when the task is gone, and its sockets with it.
        let _ = self.stop.send(());
        let _ = (&mut self.accepting.0).await;
        self.port
    }
}

#[derive(Debug)]
struct Accepting(JoinHandle<()>);

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    accepted: Arc<AtomicU64>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            stream = listener.accept() => match stream {
                Ok((stream, _)) => {
                    accepted.fetch_add(1, Ordering::Relaxed);
                    connections.spawn(serve(stream, router.clone()));
                }
                // Out of file descriptors: some come back as connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, router: Router) {
    // A slower connection is better than none.
    let _ = stream.set_nodelay(true);
    let connection = Connection::default();
    let service = TowerToHyperService::new(Extension(connection.clone()).layer(router));
    let builder = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        _ = builder.serve_connection(TokioIo::new(stream), service) => {}
        () = connection.severed() => {}
    }
}

/// The connection a request came on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection(Arc<watch::Sender<bool>>);

impl Connection {
    /// Closes the connection under the request, which gets no answer: this never returns.
    pub(crate) async fn sever<T>(&self) -> T {
        self.0.send_replace(true);
        future::pending().await
    }

    async fn severed(&self) {
        let _ = self.0.subscribe().wait_for(|severed| *severed).await;
    }
}
