//! Batches: bulks and patches, which the account does not know.

use crate::account::{Account, ItemPath};
use crate::answer::{Answer, Refusal};
use crate::gateway::Gateway;
use crate::limits;
use crate::patch;
use crate::prepare::{Prepared, Work};
use crate::recent::RecentRequest;
use crate::request::CosmosRequest;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const IS_ATOMIC: &str = "x-ms-cosmos-batch-atomic";
const GOES_ON: &str = "x-ms-cosmos-batch-continue-on-error";

pub(crate) fn prepare(request: &CosmosRequest) -> Result<Prepared, Refusal> {
    let Some(batch) = request.decode::<Vec<Value>>() else {
        let message = "The body of the batch is not JSON. HybridRow, in which the .NET SDK sends batches, is not supported by this emulator.";
        return Err(Refusal::bad_request(message));
    };
    let is_atomic = request.header(IS_ATOMIC);
    if request.header_is_true(GOES_ON)
        || is_atomic.is_some_and(|it| it.eq_ignore_ascii_case("false"))
    {
        return Ok(Work::Bulk.into());
    }
    if batch.is_empty() {
        return Err(Refusal::bad_request("A batch has 1 to 100 operations."));
    }
    let (patches, others): (Vec<&Value>, Vec<&Value>) = batch.iter().partition(|it| is_patch(it));
    for operation in others {
        if let Some(item) = operation.get("resourceBody") {
            limits::item(item).map_err(Refusal::bad_request)?;
        }
    }
    for patch in &patches {
        operations(patch)
            .iter()
            .try_for_each(patch::check)
            .map_err(Refusal::bad_request)?;
        if patch["resourceBody"]
            .get("condition")
            .is_some_and(|it| !it.is_null())
        {
            let message = "The condition of a patch in a batch is not supported by this emulator.";
            return Err(Refusal::bad_request(message));
        }
    }
    Ok(if patches.is_empty() {
        Work::AsItIs
    } else {
        Work::BatchWithPatches
    }
    .into())
}

fn is_patch(operation: &Value) -> bool {
    operation["operationType"] == "Patch"
}

fn operations(patch: &Value) -> &[Value] {
    let body = &patch["resourceBody"];
    let operations = body["operations"].as_array().or_else(|| body.as_array());
    operations.map(Vec::as_slice).unwrap_or_default()
}

impl Gateway {
    /// Carries out the operations of a bulk one after the other, each as a batch of its own.
    pub(crate) async fn bulk(self: Arc<Self>, request: &CosmosRequest) -> anyhow::Result<Answer> {
        let goes_on = request.header_is_true(GOES_ON);
        let mut results: Vec<Value> = Vec::new();
        let mut has_failed = false;
        for operation in request.decode::<Vec<Value>>().unwrap_or_default() {
            if has_failed && !goes_on {
                results.push(json!({ "statusCode": 424, "requestCharge": 0 }));
                continue;
            }
            let mut single = request.clone();
            single.remove_header(IS_ATOMIC);
            single.remove_header(GOES_ON);
            let key = &operation["partitionKey"];
            single.set_partition_key(key.as_str().map_or_else(|| key.to_string(), str::to_owned));
            single.set_body(&json!([operation]));
            let arrived = RecentRequest::arrived(&single);
            let answer = Box::pin(Arc::clone(&self).carry_out(single, None, arrived)).await?;
            let result = result_of(&answer)?;
            has_failed |= result["statusCode"]
                .as_u64()
                .is_none_or(|status| status >= 300);
            results.push(result);
        }
        Ok(Answer::json(
            if has_failed { 207 } else { 200 },
            &results.into(),
        ))
    }
}

/// The result of the only operation.
fn result_of(answer: &Answer) -> anyhow::Result<Value> {
    let body: Value = serde_json::from_slice(answer.body())?;
    let only = body.get(0).cloned();
    Ok(only.unwrap_or_else(|| json!({ "statusCode": answer.status, "resourceBody": body })))
}

/// The operations of a batch without patches.
#[derive(Debug, Default)]
struct Replaced {
    operations: Vec<Value>,
    /// The places of the replacements that depend on a version which the client has not named.
    guarded: HashSet<usize>,
    /// The items as the batch leaves them so far.
    left: HashMap<String, Option<Value>>,
}

impl Replaced {
    /// An operation that is no patch.
    fn keep(&mut self, id: String, body: Option<&Value>, operation: &Value) {
        match operation["operationType"].as_str() {
            Some("Delete") => drop(self.left.insert(id, None)),
            Some("Read") => {}
            _ => drop(self.left.insert(id, body.cloned())),
        }
        self.operations.push(operation.clone());
    }
}

impl Account {
    /// Carries out a batch with what its patches make of their items in place of the patches.
    pub(crate) async fn patch_in_batch(
        &self,
        request: &mut CosmosRequest,
    ) -> anyhow::Result<Answer> {
        let batch: Vec<Value> = request.decode().unwrap_or_default();
        loop {
            let mut replaced = Replaced::default();
            for operation in &batch {
                if let Err(message) = self
                    .replace_patch(request, operation, &mut replaced)
                    .await?
                {
                    return Ok(failed_at(replaced.operations.len(), batch.len(), &message));
                }
            }
            request.set_body(&replaced.operations.into());
            let answer = Answer::of(&self.execute(&request.wire).await?);
            let results: Value = serde_json::from_slice(answer.body())?;
            // Written since it was read: so asked again.
            let was_late = |place: &usize| results[*place]["statusCode"] == 412;
            if !replaced.guarded.iter().any(was_late) {
                return Ok(answer);
            }
        }
    }

    /// Errors when the region is offline; the inner error says what is wrong with the patch.
    async fn replace_patch(
        &self,
        batch: &CosmosRequest,
        operation: &Value,
        replaced: &mut Replaced,
    ) -> anyhow::Result<Result<(), String>> {
        let body = operation.get("resourceBody");
        let id = operation["id"].as_str().or_else(|| body?["id"].as_str());
        let id = id.unwrap_or_default().to_owned();
        if !is_patch(operation) {
            replaced.keep(id, body, operation);
            return Ok(Ok(()));
        }
        let current = match replaced.left.get(&id) {
            Some(left) => left.clone(),
            None => self.read_item(path(batch, &id)).await?,
        };
        let Some(current) = current else {
            // Which says that it is not there.
            replaced
                .operations
                .push(json!({ "operationType": "Read", "id": id }));
            return Ok(Ok(()));
        };
        let mut if_match = operation["ifMatch"].clone();
        if if_match.is_null() && !replaced.left.contains_key(&id) {
            if_match = current["_etag"].clone();
            replaced.guarded.insert(replaced.operations.len());
        }
        let mut patched = match patch::patched(current, operations(operation)) {
            Ok(patched) => patched,
            Err(message) => return Ok(Err(message)),
        };
        patch::remove_system_properties(&mut patched);
        replaced.left.insert(id.clone(), Some(patched.clone()));
        let mut replacement =
            json!({ "operationType": "Replace", "id": id, "resourceBody": patched });
        if !if_match.is_null() {
            replacement["ifMatch"] = if_match;
        }
        replaced.operations.push(replacement);
        Ok(Ok(()))
    }
}

fn path<'a>(batch: &'a CosmosRequest, id: &'a str) -> ItemPath<'a> {
    ItemPath {
        database: batch.database.as_deref().unwrap_or_default(),
        container: batch.container.as_deref().unwrap_or_default(),
        partition_key: batch.partition_key.as_deref().unwrap_or_default(),
        id,
    }
}

fn failed_at(place: usize, operations: usize, message: &str) -> Answer {
    let result = |at: usize| {
        if at == place {
            json!({ "statusCode": 400, "requestCharge": 1.0, "message": message })
        } else {
            json!({ "statusCode": 424, "requestCharge": 0 })
        }
    };
    Answer::json(207, &(0..operations).map(result).collect())
}
