//! What the world outside reaches: HTTP under the route prefix, routed to functions.

use super::app::{App, Mode};
use super::connection::{Connection, MAX_BODY};
use super::{forward, http_envelope, proxy};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// An invocation without an answer by then has failed.
const LIMIT: Duration = Duration::from_mins(4);

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) connection: Connection,
    pub(crate) older_host: bool,
}

/// Serves until the runtime ends. Returns the address.
pub(crate) async fn serve(server: Arc<Server>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let routes = Router::new().fallback(answer).with_state(server);
    tokio::spawn(async { axum::serve(listener, routes).await });
    Ok(address)
}

/// The handler's answer; a bare 404 when no function has the path, a bare 500 when the invocation failed.
async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let Some((function, parameters)) = server.app.function(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(parts, body);
    let connection = &server.connection;
    let answer = timeout(LIMIT, async {
        match server.app.mode(function, server.older_host) {
            Mode::Proxy => proxy::proxy(connection, request).await,
            Mode::Forward => forward::forward(connection, request).await,
            Mode::Envelope => http_envelope::call(connection, function, parameters, request).await,
        }
    });
    let failure = match answer.await {
        Ok(Ok(answer)) => return answer.map(Body::from),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_elapsed) => "no answer in time".to_owned(),
    };
    eprintln!("the invocation of {} failed: {failure}", function.name);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
