//! `/_emulator`: the controls of the emulator over HTTP. Requests to it are neither counted nor
//! subject to faults.

use crate::fault::{Fault, FaultId, FaultState};
use crate::gateway::Gateway;
use crate::requests::{RequestFilter, Requests};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use azure_core::http::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route(
            "/faults",
            get(list_faults).post(add_fault).delete(clear_faults),
        )
        .route("/faults/{id}", get(read_fault).delete(remove_fault))
        .route("/requests", get(count_requests).delete(reset_requests))
        .route("/clock", post(advance_clock))
        .route("/containers", get(list_containers))
        .route("/partitions", get(list_partitions))
        .route("/items", get(list_items))
        .route("/recent", get(list_recent))
        .method_not_allowed_fallback(async || {
            let message = "there is no such operation here".to_owned();
            Problem(StatusCode::METHOD_NOT_ALLOWED, message)
        })
        .fallback(nothing)
        .layer(middleware::from_fn(only_from_here))
}

/// Refuses what a web page elsewhere can make a browser send: an `Origin` or, by a domain that it
/// points to this machine, a `Host` of its own, and bodies for which browsers ask nobody.
async fn only_from_here(request: Request, next: Next) -> Result<Response, Problem> {
    let headers = request.headers();
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or_default())
    };
    let authority = request.uri().authority().map(Authority::as_str);
    let host = text(HOST)
        .or(authority)
        .map(|host| format!("http://{host}"));
    for (name, source) in [("Origin", text(ORIGIN)), ("Host", host.as_deref())] {
        if source.is_some_and(|source| !is_loopback(source)) {
            let message = format!("{name}: the controls are for programs on this machine");
            return Err(Problem(StatusCode::FORBIDDEN, message));
        }
    }
    if text(CONTENT_TYPE).is_some_and(|kind| !kind.starts_with("application/json")) {
        let message = "Content-Type: must be application/json, or absent".to_owned();
        return Err(Problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    Ok(next.run(request).await)
}

fn is_loopback(source: &str) -> bool {
    let url = Url::parse(source).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

/// What is not there.
async fn nothing() -> impl IntoResponse {
    let message = "there are faults, faults/{id}, requests, recent, clock, containers, partitions and items under \
                   /_emulator";
    Problem(StatusCode::NOT_FOUND, message.to_owned())
}

async fn add_fault(
    State(gateway): State<Arc<Gateway>>,
    body: Bytes,
) -> Result<(StatusCode, Json<FaultState>), Problem> {
    let fault: Fault = parse(&body)?;
    let state = gateway.inject(fault).map_err(bad_request)?;
    Ok((StatusCode::CREATED, Json(state)))
}

async fn list_faults(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    Json(json!({ "faults": gateway.faults.states() }))
}

async fn clear_faults(State(gateway): State<Arc<Gateway>>) -> StatusCode {
    gateway.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    fired: Option<String>,
}

/// With `?fired=n`, answers once the rule has fired that often.
async fn read_fault(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<FaultState>, Problem> {
    let Wait { fired } = parse_query(&uri)?;
    let times = fired.map_or(Ok(0), |times| times.parse());
    let times = times.map_err(|error| bad_request(format!("fired: {error}")))?;
    let state = gateway.faults.fired(fault_id(&id)?, times).await;
    state.map(Json).ok_or_else(|| no_such_fault(&id))
}

async fn remove_fault(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let was_there = gateway.faults.remove(fault_id(&id)?);
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_such_fault(&id))
    }
}

async fn count_requests(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
) -> Result<Json<Requests>, Problem> {
    let filter: RequestFilter = parse_query(&uri)?;
    Ok(Json(gateway.requests.matching(&filter)))
}

async fn reset_requests(State(gateway): State<Arc<Gateway>>) -> StatusCode {
    gateway.requests.reset();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn advance_clock(
    State(gateway): State<Arc<Gateway>>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let Advance { advance_seconds } = parse(&body)?;
    gateway
        .expiry
        .advance_clock(Duration::from_secs(advance_seconds));
    Ok(StatusCode::NO_CONTENT)
}

async fn list_containers(State(gateway): State<Arc<Gateway>>) -> Result<Json<Value>, Problem> {
    let containers = gateway.account.containers().await.map_err(no_such)?;
    Ok(Json(json!({ "containers": containers })))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Place {
    database: String,
    container: String,
    partition_key: Option<String>,
}

async fn list_partitions(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let place: Place = parse_query(&uri)?;
    gateway.expiry.delete_expired(&gateway.account).await;
    let listed = gateway
        .account
        .partitions(&place.database, &place.container);
    Ok(Json(
        json!({ "partitions": listed.await.map_err(no_such)? }),
    ))
}

async fn list_items(State(gateway): State<Arc<Gateway>>, uri: Uri) -> Result<Json<Value>, Problem> {
    let place: Place = parse_query(&uri)?;
    let key = place.partition_key;
    let key = key.ok_or_else(|| bad_request("partitionKey: missing".to_owned()))?;
    gateway.expiry.delete_expired(&gateway.account).await;
    let account = &gateway.account;
    let listed = account.items_by_kind(&place.database, &place.container, &key);
    Ok(Json(json!({ "kinds": listed.await.map_err(no_such)? })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: Option<String>,
}

async fn list_recent(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let After { after } = parse_query(&uri)?;
    let after = after.map_or(Ok(0), |number| number.parse());
    let after = after.map_err(|error| bad_request(format!("after: {error}")))?;
    Ok(Json(json!({ "requests": gateway.recent.after(after) })))
}

/// A refusal: its status and a message that names the field.
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

fn bad_request(message: String) -> Problem {
    Problem(StatusCode::BAD_REQUEST, message)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it")]
fn no_such(error: anyhow::Error) -> Problem {
    Problem(StatusCode::NOT_FOUND, format!("{error:#}"))
}

fn no_such_fault(id: &str) -> Problem {
    Problem(StatusCode::NOT_FOUND, format!("there is no fault {id}"))
}

fn fault_id(id: &str) -> Result<FaultId, Problem> {
    id.parse().map(FaultId).map_err(|_| no_such_fault(id))
}

/// Reads JSON without a content type, too: a request typed by hand may have none.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let parsed = Json::<T>::from_bytes(body);
    parsed
        .map(|Json(value)| value)
        .map_err(|rejection| bad_request(rejection.body_text()))
}

fn parse_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let mut url = Url::parse("http://localhost").map_err(|error| bad_request(error.to_string()))?;
    url.set_query(uri.query());
    let fields: Value = url.query_pairs().collect();
    serde_json::from_value(fields).map_err(|error| bad_request(error.to_string()))
}
