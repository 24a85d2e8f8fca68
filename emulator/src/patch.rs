//! Patches: their forms, and the condition, which the account does not look at.

mod operations;

pub(crate) use self::operations::patched;
use crate::account::Account;
use crate::answer::{Answer, Refusal};
use crate::limits::{self, MAX_DEPTH};
use crate::prepare::MANY_OPERATORS;
use crate::request::CosmosRequest;
use crate::sql;
use serde_json::{Value, json};

const SYSTEM_PROPERTIES: [&str; 5] = ["/_attachments", "/_etag", "/_rid", "/_self", "/_ts"];

/// Under which a patch is to be applied.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    condition: Option<String>,
    /// Whether what the account makes of it depends on the item: increments of what is not there, which it
    /// refuses, and moves, which may reach too deep.
    needs_item: bool,
}

pub(crate) fn prepare(request: &mut CosmosRequest) -> Result<Terms, Refusal> {
    let Some(body) = request.decode::<Value>() else {
        return Ok(Terms::default());
    };
    // The JavaScript SDK sends the operations alone.
    let mut patch = if body.is_array() {
        json!({ "operations": body })
    } else {
        body
    };
    let operations = patch["operations"].as_array().map(Vec::as_slice);
    let operations = operations.unwrap_or_default();
    for operation in operations {
        check(operation).map_err(Refusal::bad_request)?;
    }
    let needs_item = operations
        .iter()
        .any(|operation| is_increment(operation) || operation["op"] == "move");
    let condition = patch
        .as_object_mut()
        .and_then(|patch| patch.remove("condition"));
    request.set_body(&patch);
    let condition = match condition {
        None | Some(Value::Null) => None,
        Some(Value::String(condition)) => Some(condition),
        Some(_) => {
            let message = "The condition of a patch must be a string.";
            return Err(Refusal::bad_request(message));
        }
    };
    Ok(Terms {
        condition,
        needs_item,
    })
}

/// Errors say what is wrong, as all of this file.
pub(crate) fn check(operation: &Value) -> Result<(), String> {
    let path = operation["path"].as_str().unwrap_or_default();
    if SYSTEM_PROPERTIES.contains(&path) {
        return Err(format!("The system property {path} cannot be patched."));
    }
    if path.matches('/').count() + limits::depth(&operation["value"]) > MAX_DEPTH {
        return Err(too_deep());
    }
    match operation.get("value") {
        // An increment is looked at with its item.
        Some(ttl) if path == "/ttl" && !is_increment(operation) => {
            limits::item(&json!({ "ttl": ttl }))
        }
        _ => Ok(()),
    }
}

fn too_deep() -> String {
    format!("A patch may reach {MAX_DEPTH} levels deep.")
}

fn is_increment(operation: &Value) -> bool {
    operation["op"] == "incr" || operation["op"] == "increment"
}

pub(crate) fn remove_system_properties(item: &mut Value) {
    if let Some(item) = item.as_object_mut() {
        item.retain(|name, _| !SYSTEM_PROPERTIES.contains(&format!("/{name}").as_str()));
    }
}

impl Account {
    /// Applies the patch to the item that meets its condition.
    pub(crate) async fn patch(
        &self,
        request: &mut CosmosRequest,
        terms: &Terms,
    ) -> anyhow::Result<Answer> {
        if terms.condition.is_none() && !terms.needs_item {
            return Ok(Answer::of(&self.execute(&request.wire).await?));
        }
        let own_etag = request.header("if-match").map(str::to_owned);
        let patch: Value = request.decode().unwrap_or_default();
        loop {
            let current = match self.meets(request, terms.condition.as_deref()).await? {
                Ok(current) => current,
                Err(answer) => return Ok(answer),
            };
            let etag = current["_etag"].as_str().map(str::to_owned);
            let mut patch = patch.clone();
            if let Some(operations) = patch["operations"].as_array_mut()
                && let Err(message) = operations::fit(current, operations)
            {
                return Ok(Refusal::bad_request(message).into());
            }
            request.set_body(&patch);
            let etag = own_etag.clone().or(etag).unwrap_or_default();
            request.set_header("if-match", etag);
            let patched = Answer::of(&self.execute(&request.wire).await?);
            // Written since it met the condition: so asked again.
            if patched.status != 412 || own_etag.is_some() {
                return Ok(patched);
            }
        }
    }

    /// The item, as it meets the condition, or the answer if it does not.
    async fn meets(
        &self,
        request: &CosmosRequest,
        condition: Option<&str>,
    ) -> anyhow::Result<Result<Value, Answer>> {
        let refused = |refusal: Refusal| Ok(Err(Answer::from(refusal)));
        let (Some(item), Some(partition_key)) = (request.item_path(), &request.partition_key)
        else {
            return refused(Refusal::bad_request(
                "A patch needs the partition key of its item.",
            ));
        };
        let query = match condition.map(items_that_meet).transpose() {
            Ok(query) => query,
            Err(error) => return refused(Refusal::bad_request(error)),
        };
        let Some(current) = self.read_item(item).await? else {
            return Ok(Err(Answer::of(&self.execute(&request.wire).await?)));
        };
        let Some(query) = query else {
            return Ok(Ok(current));
        };
        let found = self.query(item, partition_key, &query.text).await?;
        if found.status != 200 {
            return Ok(Err(found));
        }
        let mut found: Value = serde_json::from_slice(found.body())?;
        let rows = found["Documents"].as_array_mut().map(std::mem::take);
        let mut rows = rows.into_iter().flatten();
        match rows.find(|row| row["_rid"] == current["_rid"]) {
            Some(item) => Ok(Ok(item)),
            None => refused(Refusal {
                status: 412,
                message: "The condition of the patch is not met.".to_owned(),
            }),
        }
    }
}

fn items_that_meet(condition: &str) -> Result<sql::EngineQuery, String> {
    let query = sql::for_engine(&format!("SELECT * {condition}"), &[])?;
    if query.operators > MANY_OPERATORS {
        return Err(format!(
            "The condition of a patch may have {MANY_OPERATORS} operators in this emulator."
        ));
    }
    Ok(query)
}
