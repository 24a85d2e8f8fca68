//! The host's envelope for triggers that are not HTTP: `POST /<FunctionName>`, data in, outputs out.
//!
//! <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers#request-payload>

use crate::app::AppState;
use crate::cosmos::items::Items;
use crate::http::problem::{self, Problem};
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;
use serde::Serialize;
use serde_json::{Map, Value};

/// The host sends these with every request, and never routes a caller's request to these paths.
const HOST_HEADERS: [&str; 2] = [
    "x-azure-functions-invocationid",
    "x-azure-functions-hostversion",
];

/// An invocation by the host. For anybody else there is nothing at the path.
#[derive(Debug)]
pub struct Invocation {
    pub items: Items,
}

/// What the host is told: any answer that is not 2xx fails the invocation, and the host drops its logs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outcome {
    outputs: Map<String, Value>,
    /// Lines for the invocation's log.
    logs: Vec<String>,
    return_value: Option<Value>,
}

impl Outcome {
    pub fn logged(line: String) -> Json<Self> {
        Json(Self {
            outputs: Map::new(),
            logs: vec![line],
            return_value: None,
        })
    }
}

/// Whether the host invokes a function itself: then it calls this process by its own address.
pub(super) fn is_by_host(headers: &HeaderMap, port: u16) -> bool {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_own = named == Some(&format!("127.0.0.1:{port}"));
    is_own && HOST_HEADERS.iter().all(|name| headers.contains_key(*name))
}

impl FromRequestParts<AppState> for Invocation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if !is_by_host(&parts.headers, state.port) {
            return Err(problem::no_such_route().await);
        }
        Items::from_request_parts(parts, state)
            .await
            .map(|items| Self { items })
            .map_err(|never| match never {})
    }
}
