//! Batches under snapshot isolation: their reads see what was there when they started, and only their
//! writes meet what others have written since.

use crate::account::{Account, ItemPath};
use crate::answer::Answer;
use crate::request::CosmosRequest;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The items that a batch reads, by id; `None` for those that are not there.
#[derive(Debug)]
pub(crate) struct Snapshot(HashMap<String, Option<Value>>);

impl Account {
    pub(crate) async fn snapshot(&self, batch: &CosmosRequest) -> anyhow::Result<Snapshot> {
        let mut items = HashMap::new();
        for operation in batch.decode::<Vec<Value>>().unwrap_or_default() {
            let (Some(id), true) = (operation["id"].as_str(), is_read(&operation)) else {
                continue;
            };
            if let (Some(database), Some(container), Some(partition_key)) =
                (&batch.database, &batch.container, &batch.partition_key)
            {
                let path = ItemPath {
                    database,
                    container,
                    partition_key,
                    id,
                };
                items.insert(id.to_owned(), self.read_item(path).await?);
            }
        }
        Ok(Snapshot(items))
    }

    /// Carries out the writes of a batch now, and answers its reads as of then.
    pub(crate) async fn execute_as_of(
        &self,
        batch: &mut CosmosRequest,
        snapshot: &Snapshot,
    ) -> anyhow::Result<Answer> {
        let operations: Vec<Value> = batch.decode().unwrap_or_default();
        let reads: Vec<Option<Value>> = operations
            .iter()
            .map(|operation| is_read(operation).then(|| snapshot.read(operation)))
            .collect();
        if let Some(failed) = reads
            .iter()
            .position(|read| read.as_ref().is_some_and(has_failed))
        {
            let results = reads.into_iter().enumerate();
            let results = results.map(|(place, read)| match read {
                Some(read) if place == failed => read,
                _ => result(424),
            });
            return Ok(Answer::json(207, &results.collect()));
        }
        let writes: Vec<Value> = operations
            .into_iter()
            .filter(|operation| !is_read(operation))
            .collect();
        if writes.is_empty() {
            return Ok(Answer::json(200, &reads.into_iter().flatten().collect()));
        }
        batch.set_body(&writes.into());
        batch.want_text();
        let mut answer = Answer::of(&self.execute(&batch.wire).await?);
        let Ok(written) = serde_json::from_slice::<Vec<Value>>(answer.body()) else {
            return Ok(answer);
        };
        answer.set_body(&in_order(reads, written, answer.status == 200));
        Ok(answer)
    }
}

impl Snapshot {
    fn read(&self, operation: &Value) -> Value {
        let id = operation["id"].as_str().unwrap_or_default();
        let Some(Some(item)) = self.0.get(id) else {
            return result(404);
        };
        let etag = &item["_etag"];
        let agrees = |condition: &str| {
            operation
                .get(condition)
                .is_some_and(|wanted| wanted == etag || wanted == "*")
        };
        if operation["ifMatch"].is_string() && !agrees("ifMatch") {
            return result(412);
        }
        if agrees("ifNoneMatch") {
            return result(304);
        }
        let mut read = result(200);
        read["eTag"] = etag.clone();
        read["resourceBody"] = item.clone();
        read
    }
}

/// The results of a batch: a read has its own, a write the next one of `written`.
fn in_order(reads: Vec<Option<Value>>, written: Vec<Value>, is_committed: bool) -> Value {
    let mut written = written.into_iter();
    let results = reads.into_iter().map(|read| match read {
        Some(read) if is_committed => read,
        Some(_) => result(424),
        None => written.next().unwrap_or_default(),
    });
    results.collect()
}

fn has_failed(result: &Value) -> bool {
    result["statusCode"]
        .as_u64()
        .is_some_and(|status| status >= 400)
}

fn is_read(operation: &Value) -> bool {
    operation["operationType"] == "Read"
}

fn result(status: u16) -> Value {
    json!({ "statusCode": status, "requestCharge": 1.24 })
}
