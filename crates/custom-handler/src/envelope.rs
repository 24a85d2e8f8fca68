//! The host's envelope for triggers that are not HTTP: `POST /<FunctionName>`, data in, outputs out.
//!
//! <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers#request-payload>

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

/// Only the host sends these, and the host never routes a caller's request to these paths.
const HOST_HEADERS: [&str; 2] = [
    "x-azure-functions-invocationid",
    "x-azure-functions-hostversion",
];

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
#[serde(rename_all = "PascalCase")]
pub struct Outcome {
    outputs: Map<String, Value>,
    logs: Vec<String>,
    return_value: Option<Value>,
}

impl Outcome {
    /// An outcome without outputs: `line` goes into the invocation's log.
    #[must_use]
    pub fn logged(line: String) -> Json<Self> {
        Json(Self {
            outputs: Map::new(),
            logs: vec![line],
            return_value: None,
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Invocation {
    type Rejection = NotTheHost;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, NotTheHost> {
        let mut names = HOST_HEADERS.iter();
        names
            .all(|name| parts.headers.contains_key(*name))
            .then_some(Self(()))
            .ok_or(NotTheHost)
    }
}
