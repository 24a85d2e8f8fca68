//! Answers of the account, and what the service has in them that the account has not.

use crate::request::CosmosRequest;
use crate::sql;
use anyhow::Context;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use azure_core::http::RawResponse;
use serde_json::{Value, json};
use std::time::Duration;

/// The limits of the service's query engine, by which SDKs decide how to ask. It has to be a text.
const QUERY_ENGINE: &str = r#"{"maxSqlQueryInputLength":524288,"maxJoinsPerSqlQuery":5,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,"maxUdfRefPerSqlQuery":0,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":false,"sqlAllowScalarSubQuery":false,"allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlAllowTop":true,"enableSpatialIndexing":false}"#;

const REQUEST_CHARGE: &str = "x-ms-request-charge";
/// Request units of what finds nothing or is refused for what is there.
const SMALLEST_CHARGE: f64 = 1.0;
/// The sub-status of a partition key that is not the item's, or not of the container's form.
pub(crate) const PARTITION_KEY_MISMATCH: (&str, &str) = (
    "1001",
    "Partition key provided either doesn't correspond to definition in the collection or doesn't match partition key field values specified in the document.",
);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// What is still to be done to an answer that says success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amendment {
    None,
    /// Names the limits of queries.
    Account,
    /// Takes the values out of the rows.
    UnwrapRows,
    /// Leaves out what was written before this second since 1970.
    WrittenSince(i64),
    /// Asks every partition.
    AllPartitions,
}

impl Answer {
    pub(crate) fn of(response: &RawResponse) -> Self {
        let headers = response.headers().iter();
        Self {
            status: response.status().into(),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
                .collect(),
            body: Bytes::copy_from_slice(response.body()),
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-ms-activity-id", uuid::Uuid::new_v4().to_string()),
            ("x-ms-request-charge", "1.00".to_owned()),
        ];
        Self {
            status,
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: body.to_string().into(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn set_body(&mut self, body: &Value) {
        self.body = body.to_string().into();
    }

    pub(crate) fn amend(&mut self, amendment: Amendment) -> anyhow::Result<()> {
        match (self.status, amendment) {
            (304, _) => self.set_header("x-ms-item-count", "0"),
            (200, Amendment::Account) => self.edit(|account| {
                account["queryEngineConfiguration"] = QUERY_ENGINE.into();
            })?,
            (200, Amendment::AllPartitions) => self.edit(|plan| {
                plan["queryRanges"] = json!([{
                    "min": "", "max": "FF", "isMinInclusive": true, "isMaxInclusive": false,
                }]);
            })?,
            (200, Amendment::UnwrapRows) => {
                self.edit_rows(|rows| rows.into_iter().filter_map(sql::unwrap).collect())?;
            }
            (200, Amendment::WrittenSince(second)) => self.edit_rows(|mut rows| {
                rows.retain(|row| {
                    let item = row.get("current").filter(|_| row.get("_ts").is_none());
                    item.unwrap_or(row)["_ts"]
                        .as_i64()
                        .is_none_or(|written| written >= second)
                });
                rows
            })?,
            (400, _) => self.name_syntax_error(),
            _ => {}
        }
        Ok(())
    }

    /// Adds what the service tells about every answer to `request`, which came after `took`.
    pub(crate) fn account_for(&mut self, request: &CosmosRequest, took: Duration) {
        let charge = self.header(REQUEST_CHARGE).map(str::parse::<f64>);
        let is_free =
            charge.is_none_or(|charge| charge.is_ok_and(|charge| charge < SMALLEST_CHARGE));
        let is_done = matches!(self.status, 200..=299 | 304 | 404 | 409 | 412);
        if is_free && is_done && request.resource.reads_items() {
            self.set_header(REQUEST_CHARGE, &format!("{SMALLEST_CHARGE:.2}"));
        }
        if self.status == 200 && request.header_is_true("x-ms-documentdb-populatequerymetrics") {
            let rows = self.header("x-ms-item-count").unwrap_or("0");
            let (ms, bytes) = (took.as_secs_f64() * 1_000.0, self.body.len());
            let metrics = format!(
                "totalExecutionTimeInMs={ms:.2};outputDocumentCount={rows};outputDocumentSize={bytes}"
            );
            self.set_header("x-ms-documentdb-query-metrics", &metrics);
        }
        if self.status == 400 && request.resource.reads_items() && self.names_another_partition() {
            self.set_body(&json!({ "code": "BadRequest", "message": PARTITION_KEY_MISMATCH.1 }));
            self.set_header("x-ms-substatus", PARTITION_KEY_MISMATCH.0);
        }
    }

    fn names_another_partition(&self) -> bool {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = body["message"].as_str().unwrap_or_default();
        message.contains("does not match the request header")
            || message.contains("must use the batch partition key")
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Value)) -> anyhow::Result<()> {
        let mut body: Value = serde_json::from_slice(&self.body)?;
        edit(&mut body);
        self.body = body.to_string().into();
        Ok(())
    }

    fn edit_rows(&mut self, edit: impl FnOnce(Vec<Value>) -> Vec<Value>) -> anyhow::Result<()> {
        let mut feed: Value = serde_json::from_slice(&self.body)?;
        let rows = feed["Documents"].as_array_mut().map(std::mem::take);
        let rows = edit(rows.context("a feed has Documents")?);
        self.set_header("x-ms-item-count", &rows.len().to_string());
        feed["_count"] = rows.len().into();
        feed["Documents"] = rows.into();
        self.body = feed.to_string().into();
        Ok(())
    }

    /// The account speaks of its own parser, with a status that is not the answer's.
    fn name_syntax_error(&mut self) {
        let parsed = serde_json::from_slice::<Value>(&self.body);
        let message = parsed
            .ok()
            .and_then(|error| error["message"].as_str().map(str::to_owned));
        if let Some((_, error)) = message
            .as_deref()
            .and_then(|it| it.split_once("failed to parse query: "))
        {
            let message = format!("Syntax error: {error}.");
            self.body = json!({ "code": "BadRequest", "message": message })
                .to_string()
                .into();
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut answer = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            answer = answer.header(name, value);
        }
        match answer.body(Body::from(self.body)) {
            Ok(answer) => answer,
            Err(invalid) => error(StatusCode::INTERNAL_SERVER_ERROR, &invalid.to_string()),
        }
    }
}

/// A request that is not carried out, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Refusal {
    /// What the service refuses, too, or what this emulator does not do.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status: 400,
            message,
        }
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal { status, message }: Refusal) -> Self {
        let code = match status {
            412 => "PreconditionFailed",
            500 => "InternalServerError",
            _ => "BadRequest",
        };
        Self::json(status, &json!({ "code": code, "message": message }))
    }
}

/// An error in the form Cosmos DB gives it.
pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    let code = match status.as_u16() {
        413 => "RequestEntityTooLarge".to_owned(),
        449 => "RetryWith".to_owned(),
        _ => status
            .canonical_reason()
            .unwrap_or("Error")
            .replace(' ', ""),
    };
    let body = Json(json!({ "code": code, "message": message }));
    (status, [("x-ms-request-charge", "0")], body).into_response()
}
