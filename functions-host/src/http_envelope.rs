//! HTTP in the envelope: the host does not proxy, or the function has more than HTTP bindings.

use super::connection::Connection;
use super::envelope::{By, Outcome, invoke};
use super::functions::Function;
use anyhow::{Context, anyhow};
use axum::body::Bytes;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// Invokes the function with the request as the trigger's data; the answer is in its http output.
pub(crate) async fn call(
    connection: &Connection,
    function: &Function,
    parameters: Vec<(String, String)>,
    request: Request<Bytes>,
) -> anyhow::Result<Response<Bytes>> {
    let trigger = function.trigger().context("no trigger")?;
    let data = Map::from_iter([(trigger.name.clone(), data(&request, parameters))]);
    let outcome = invoke(connection, function, data, By::Trigger).await;
    answer(
        function,
        &outcome.map_err(|failure| anyhow!("{failure:?}"))?,
    )
}

fn data(request: &Request<Bytes>, parameters: Vec<(String, String)>) -> Value {
    let host = request
        .headers()
        .get("host")
        .and_then(|host| host.to_str().ok());
    json!({
        "Url": format!("http://{}{}", host.unwrap_or_default(), request.uri()),
        "Method": request.method().as_str(),
        "Query": object(joined_query(request.uri().query().unwrap_or_default())),
        "Headers": headers(request.headers()),
        "Params": object(parameters),
        "Body": String::from_utf8_lossy(request.body()),
    })
}

/// The query's keys in their order, each once, with all its values.
fn joined_query(query: &str) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match joined.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => joined.push((key.into_owned(), value.into_owned())),
        }
    }
    joined
}

fn object(pairs: Vec<(String, String)>) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(key, value)| (key, Value::String(value)))
        .collect()
}

/// Each name with the list of its values.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let values = |name| {
        let values = headers.get_all(name).into_iter();
        values
            .map(|value| Value::from(String::from_utf8_lossy(value.as_bytes())))
            .collect()
    };
    headers
        .keys()
        .map(|name| (name.to_string(), values(name)))
        .collect()
}

/// The http output: an object with `statusCode`, `headers` and `body`, or only a body.
fn answer(function: &Function, outcome: &Outcome) -> anyhow::Result<Response<Bytes>> {
    let output = function.http_output().context("no http output")?;
    let value = match output.name.as_str() {
        "$return" => &outcome.return_value,
        name => outcome.outputs.get(name).unwrap_or(&Value::Null),
    };
    let Value::Object(value) = value else {
        return Ok(Response::new(body(value)));
    };
    let mut answer = Response::builder().status(status(value)?);
    for (name, value) in value
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        answer = answer.header(name, body(value).as_ref());
    }
    Ok(answer.body(body(value.get("body").unwrap_or(&Value::Null)))?)
}

fn status(output: &Map<String, Value>) -> anyhow::Result<StatusCode> {
    match output.get("statusCode").or(output.get("status")) {
        None => Ok(StatusCode::OK),
        Some(status) => Ok(StatusCode::from_bytes(&body(status))?),
    }
}

/// Text as it is, nothing for null, anything else as JSON.
fn body(value: &Value) -> Bytes {
    match value {
        Value::Null => Bytes::new(),
        Value::String(text) => Bytes::from(text.clone()),
        other => Bytes::from(other.to_string()),
    }
}
