//! The host's envelope for triggers that are not HTTP: `POST /<FunctionName>`, data in, outputs out.
//!
//! <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers#request-payload>

use axum::Json;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// The host sends these with every request, and never routes a caller's request to these paths.
const HOST_HEADERS: [&str; 2] = [
    "x-azure-functions-invocationid",
    "x-azure-functions-hostversion",
];

/// Where the host reaches this process. The state of a router has it if `OwnPort: FromRef<State>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPort(pub u16);

/// An invocation by the host.
#[derive(Debug)]
pub struct Invocation(());

/// The request is not the host's: for anybody else there is nothing at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTheHost;

impl IntoResponse for NotTheHost {
    fn into_response(self) -> Response {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// What the host is told: any answer that is not 2xx fails the invocation, and the host drops its logs.
#[derive(Debug, Serialize)]
pub struct Outcome(Value);

impl Outcome {
    /// An outcome without outputs: `line` goes into the invocation's log.
    pub fn logged(line: String) -> Json<Self> {
        Json(Self(
            json!({"Outputs": {}, "Logs": [Value::from(line)], "ReturnValue": null}),
        ))
    }
}

/// Whether the host invokes a function itself: then it calls this process by its own address.
pub(crate) fn is_by_host(headers: &HeaderMap, OwnPort(port): OwnPort) -> bool {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_own = named == Some(&format!("127.0.0.1:{port}"));
    is_own && HOST_HEADERS.iter().all(|name| headers.contains_key(*name))
}

impl<S: Sync> FromRequestParts<S> for Invocation
where
    OwnPort: FromRef<S>,
{
    type Rejection = NotTheHost;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotTheHost> {
        is_by_host(&parts.headers, OwnPort::from_ref(state))
            .then_some(Self(()))
            .ok_or(NotTheHost)
    }
}
