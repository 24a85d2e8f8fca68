//! The envelope: an invocation as JSON at `/<FunctionName>`, with what it put out as the answer.

use super::connection::{
    Connection, HOST_VERSION, INVOCATION_ID, MAX_ANSWER, add_invocation_headers,
};
use super::functions::Function;
use anyhow::ensure;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a function that succeeded put out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Outcome {
    /// By binding.
    pub outputs: Map<String, Value>,
    /// Lines of its log.
    pub logs: Vec<String>,
    pub return_value: Value,
}

/// What started an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Trigger,
    /// `POST /admin/functions/<name>`
    Hand,
}

/// An invocation that failed. What the handler answered is shown nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// None when there was no answer.
    pub status: Option<StatusCode>,
    /// Why, as far as the host knows.
    pub detail: String,
}

/// Invokes a function. `data` is by binding. Values that are not objects arrive as JSON inside a string.
pub(crate) async fn invoke(
    connection: &Connection,
    function: &Function,
    data: Map<String, Value>,
    by: By,
) -> Result<Outcome, Failure> {
    let answer = async {
        let answer = connection.send(request(function, data, by)?).await?;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, MAX_ANSWER).await?;
        anyhow::Ok(Response::from_parts(parts, body))
    };
    let answer = answer.await;
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

/// Chunked: its length is not told.
fn request(function: &Function, data: Map<String, Value>, by: By) -> anyhow::Result<Request<Body>> {
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
    let envelope = json!({"Data": data, "Metadata": metadata(function, by)});
    let chunks = stream::iter([Ok::<_, anyhow::Error>(envelope.to_string())]);
    let mut request = Request::post(format!("/{}", function.name))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Body::from_stream(chunks))?;
    add_invocation_headers(request.headers_mut(), &[INVOCATION_ID, HOST_VERSION])?;
    Ok(request)
}

/// What a timer brings.
pub(crate) fn timer() -> Value {
    let now = jiff::Timestamp::now();
    json!({
        "Schedule": {"AdjustForDST": true},
        "ScheduleStatus": {
            "Last": now.to_string(),
            "Next": (now + jiff::SignedDuration::from_mins(5)).to_string(),
            "LastUpdated": now.to_string(),
        },
        "IsPastDue": false,
    })
}

fn as_sent(value: Value) -> Value {
    if value.is_object() {
        value
    } else {
        Value::String(value.to_string())
    }
}

fn metadata(function: &Function, by: By) -> Value {
    let mut metadata = json!({"sys": {
        "MethodName": function.name,
        "UtcNow": jiff::Timestamp::now().to_string(),
        "RandGuid": uuid::Uuid::new_v4(),
    }});
    if let (By::Hand, Some(trigger)) = (by, function.trigger()) {
        metadata[&trigger.name] = json!("\"\"");
    }
    metadata
}

fn outcome(answer: &Response<Bytes>) -> Result<Outcome, Failure> {
    let failure = |detail| Failure {
        status: Some(answer.status()),
        detail,
    };
    if !answer.status().is_success() {
        return Err(failure(String::new()));
    }
    serde_json::from_slice(answer.body()).map_err(|error| failure(error.to_string()))
}
