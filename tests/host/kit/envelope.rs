//! The envelope: an invocation as JSON at `/<FunctionName>`, with what it put out as the answer.

use super::connection::{Connection, HOST_VERSION, INVOCATION_ID, add_invocation_headers};
use super::functions::Function;
use anyhow::ensure;
use axum::body::Bytes;
use axum::http::{Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a function that succeeded put out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Outcome {
    /// By binding.
    pub(crate) outputs: Map<String, Value>,
    pub(crate) logs: Vec<String>,
    pub(crate) return_value: Value,
}

/// An invocation that failed. Its `Logs` are discarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// None when there was no answer.
    pub(crate) status: Option<StatusCode>,
    pub(crate) detail: String,
}

/// Invokes a function. `data` is by binding. Values that are not objects arrive as JSON inside a string.
pub(crate) async fn invoke(
    connection: &Connection,
    function: &Function,
    data: Map<String, Value>,
) -> Result<Outcome, Failure> {
    let answer = match request(function, data) {
        Ok(request) => connection.send(request).await,
        Err(error) => Err(error),
    };
    outcome(&answer.map_err(|error| Failure::without_answer(format!("{error:#}")))?)
}

impl Failure {
    pub(crate) fn without_answer(detail: String) -> Self {
        Self {
            status: None,
            detail,
        }
    }
}

fn request(function: &Function, data: Map<String, Value>) -> anyhow::Result<Request<Bytes>> {
    for binding in data.keys() {
        ensure!(
            function.has_input(binding),
            "{} has no input `{binding}`",
            function.name
        );
    }
    let data: Map<_, _> = data
        .into_iter()
        .map(|(name, value)| (name, as_sent(value)))
        .collect();
    let envelope = json!({"Data": data, "Metadata": metadata(function)});
    let mut request = Request::post(format!("/{}", function.name))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Bytes::from(envelope.to_string()))?;
    add_invocation_headers(request.headers_mut(), &[INVOCATION_ID, HOST_VERSION])?;
    Ok(request)
}

fn as_sent(value: Value) -> Value {
    if value.is_object() {
        value
    } else {
        Value::String(value.to_string())
    }
}

fn metadata(function: &Function) -> Value {
    if function.template().is_some() {
        return json!({});
    }
    json!({"sys": {
        "MethodName": function.name,
        "UtcNow": jiff::Timestamp::now().to_string(),
        "RandGuid": uuid::Uuid::new_v4(),
    }})
}

fn outcome(answer: &Response<Bytes>) -> Result<Outcome, Failure> {
    let failure = |detail| Failure {
        status: Some(answer.status()),
        detail,
    };
    if !answer.status().is_success() {
        return Err(failure(String::from_utf8_lossy(answer.body()).into_owned()));
    }
    serde_json::from_slice(answer.body()).map_err(|error| failure(error.to_string()))
}
