//! `/admin`, for developers: runs a function by hand, and restarts the handler. The real host has both, and
//! wants a key for them; here no web page may call them.

use crate::envelope::By;
use crate::server::Server;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn router() -> Router<Arc<Server>> {
    Router::new()
        .route("/admin/functions/{name}", post(run))
        .route("/admin/host/restart", post(renew))
        .layer(middleware::from_fn(not_from_pages))
}

/// Browsers name the page that sends a POST.
async fn not_from_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return problem(StatusCode::FORBIDDEN, "not for web pages");
    }
    next.run(request).await
}

/// Answers when the function has ended; the real host does at once. `{"input": …}` is what the trigger brings; a
/// timer's comes by itself.
async fn run(State(server): State<Arc<Server>>, Path(name): Path<String>, body: Bytes) -> Response {
    let app = server.app();
    let Some(function) = app.functions.iter().find(|function| function.name == name) else {
        return problem(
            StatusCode::NOT_FOUND,
            &format!("there is no function {name}"),
        );
    };
    let Some(trigger) = function.trigger().filter(|trigger| !trigger.is_http()) else {
        return problem(StatusCode::BAD_REQUEST, "HTTP triggers it: call its route");
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let given = (!trigger.is_timer()).then(|| (trigger.name.clone(), body["input"].clone()));
    let data = Map::from_iter(given);
    match server.run(&name, data.into(), By::Hand).await {
        Ok(outcome) => (StatusCode::ACCEPTED, Json(json!({"logs": outcome.logs}))).into_response(),
        Err(failure) => problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("{failure:?}")),
    }
}

/// Answers when the new handler is ready.
async fn renew(State(server): State<Arc<Server>>) -> Response {
    match server.renew().await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error:#}")),
    }
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}
