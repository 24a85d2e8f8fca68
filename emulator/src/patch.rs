//! Patches: their forms, and the condition, which the account does not look at.

use crate::account::Account;
use crate::answer::{Answer, Refusal};
use crate::limits::{self, MAX_DEPTH};
use crate::request::CosmosRequest;
use crate::sql;
use serde_json::{Value, json};

const SYSTEM_PROPERTIES: [&str; 5] = ["/_attachments", "/_etag", "/_rid", "/_self", "/_ts"];

/// Under which a patch is to be applied.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    condition: Option<String>,
    /// How deep something is moved; 0 if nothing is.
    move_depth: usize,
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
    let mut terms = Terms::default();
    for operation in patch["operations"].as_array().into_iter().flatten() {
        let depth = check(operation).map_err(Refusal::bad_request)?;
        if operation["op"] == "move" {
            terms.move_depth = terms.move_depth.max(depth);
        }
    }
    let condition = patch
        .as_object_mut()
        .and_then(|patch| patch.remove("condition"));
    request.set_body(&patch);
    match condition {
        None | Some(Value::Null) => {}
        Some(Value::String(condition)) => terms.condition = Some(condition),
        Some(_) => {
            let message = "The condition of a patch must be a string.";
            return Err(Refusal::bad_request(message));
        }
    }
    Ok(terms)
}

/// How deep the operation reaches.
fn check(operation: &Value) -> Result<usize, String> {
    let path = operation["path"].as_str().unwrap_or_default();
    if SYSTEM_PROPERTIES.contains(&path) {
        return Err(format!("The system property {path} cannot be patched."));
    }
    let levels = path.matches('/').count() + limits::depth(&operation["value"]);
    if levels > MAX_DEPTH {
        return Err(too_deep());
    }
    if let Some(ttl) = operation.get("value").filter(|_| path == "/ttl") {
        limits::time_to_live("ttl", ttl)?;
    }
    Ok(levels)
}

fn too_deep() -> String {
    format!("A patch may reach {MAX_DEPTH} levels deep.")
}

impl Account {
    pub(crate) async fn patch(
        &self,
        request: &mut CosmosRequest,
        terms: &Terms,
    ) -> anyhow::Result<Answer> {
        if let Some(item) = request.item_path().filter(|_| terms.move_depth > 0) {
            let current = self.read_item(item).await?;
            let depth = current.map_or(0, |current| limits::depth(&current));
            if depth + terms.move_depth > MAX_DEPTH {
                return Ok(Refusal::bad_request(too_deep()).into());
            }
        }
        match &terms.condition {
            Some(condition) => self.patch_if(request, condition).await,
            None => Ok(Answer::of(&self.execute(&request.wire).await?)),
        }
    }

    /// Applies the patch if its condition is true of the item as it is then.
    async fn patch_if(
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
