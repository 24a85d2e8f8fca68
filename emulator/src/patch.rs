//! Patches: their forms, and the condition, which the account does not look at.

use crate::account::Account;
use crate::answer::{Answer, Refusal};
use crate::limits::{self, MAX_DEPTH};
use crate::request::CosmosRequest;
use crate::sql;
use serde_json::{Value, json};

const SYSTEM_PROPERTIES: [&str; 5] = ["/_attachments", "/_etag", "/_rid", "/_self", "/_ts"];

/// Returns the condition under which the patch is to be applied.
pub(crate) fn prepare(request: &mut CosmosRequest) -> Result<Option<String>, Refusal> {
    let Some(body) = request.decode::<Value>() else {
        return Ok(None);
    };
    // The JavaScript SDK sends the operations alone.
    let mut patch = if body.is_array() {
        json!({ "operations": body })
    } else {
        body
    };
    for operation in patch["operations"].as_array().into_iter().flatten() {
        check(operation).map_err(Refusal::bad_request)?;
    }
    let condition = patch
        .as_object_mut()
        .and_then(|patch| patch.remove("condition"));
    request.set_body(&patch);
    match condition {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(condition)) => Ok(Some(condition)),
        Some(_) => Err(Refusal::bad_request(
            "The condition of a patch must be a string.",
        )),
    }
}

fn check(operation: &Value) -> Result<(), String> {
    let path = operation["path"].as_str().unwrap_or_default();
    if SYSTEM_PROPERTIES.contains(&path) {
        return Err(format!("The system property {path} cannot be patched."));
    }
    let levels = path.matches('/').count() + limits::depth(&operation["value"]);
    if levels > MAX_DEPTH {
        return Err(format!("A patch may reach {MAX_DEPTH} levels deep."));
    }
    match operation.get("value") {
        Some(ttl) if path == "/ttl" => limits::time_to_live("ttl", ttl),
        _ => Ok(()),
    }
}

impl Account {
    /// Applies the patch if its condition is true of the item as it is then.
    pub(crate) async fn patch_if(
        &self,
        request: &mut CosmosRequest,
        condition: &str,
    ) -> anyhow::Result<Answer> {
        let own_etag = request.header("if-match").map(str::to_owned);
        loop {
            let etag = match self.meets(request, condition).await? {
                Ok(etag) => etag,
                Err(answer) => return Ok(answer),
            };
            request.set_header("if-match", own_etag.clone().unwrap_or(etag));
            let patched = Answer::of(&self.execute(&request.wire).await?);
            // Written since it met the condition: so asked again.
            if patched.status != 412 || own_etag.is_some() {
                return Ok(patched);
            }
        }
    }

    /// The version that meets the condition, or the answer if none does.
    async fn meets(
        &self,
        request: &CosmosRequest,
        condition: &str,
    ) -> anyhow::Result<Result<String, Answer>> {
        let refused = |refusal: Refusal| Ok(Err(Answer::from(refusal)));
        let query = match sql::for_engine(&format!("SELECT * {condition}"), &[]) {
            Ok(query) => query,
            Err(error) => return refused(Refusal::bad_request(error)),
        };
        let (Some(item), Some(partition_key)) = (request.item_path(), &request.partition_key)
        else {
            return refused(Refusal::bad_request(
                "A patch needs the partition key of its item.",
            ));
        };
        let Some(current) = self.read_item(item).await? else {
            return Ok(Err(Answer::of(&self.execute(&request.wire).await?)));
        };
        let found = self.query(item, partition_key, &query.text).await?;
        if found.status != 200 {
            return Ok(Err(found));
        }
        let found: Value = serde_json::from_slice(found.body())?;
        let mut rows = found["Documents"].as_array().into_iter().flatten();
        let same = rows.find(|row| row["_rid"] == current["_rid"]);
        match same.and_then(|row| row["_etag"].as_str()) {
            Some(etag) => Ok(Ok(etag.to_owned())),
            None => refused(Refusal {
                status: 412,
                message: "The condition of the patch is not met.".to_owned(),
            }),
        }
    }
}
