//! The container's items, by partition key and id, and the rules for writing them.

use crate::item::Item;
use crate::query::Page;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Request units of a write, for each kilobyte.
pub(crate) const WRITE_CHARGE: f64 = 6.29;

#[derive(Debug, Default)]
pub(crate) struct Store {
    partitions: HashMap<String, Partition>,
    /// Writes so far: what versions and positions in the log are counted by.
    pub(crate) writes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Partition {
    pub(crate) items: HashMap<String, Arc<Item>>,
    /// Pages that were asked for since the last write.
    pub(crate) pages: HashMap<PageKey, Arc<Page>>,
}

/// A query's body, the size of its pages, the page's place and whether it is to be in binary JSON.
pub(crate) type PageKey = (Bytes, usize, usize, bool);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Upsert,
    Replace,
}

/// The status a write has: a refusal changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) u16);

const MALFORMED: Refused = Refused(400);
const NOT_FOUND: Refused = Refused(404);
const CONFLICT: Refused = Refused(409);
const PRECONDITION_FAILED: Refused = Refused(412);

/// One operation of a transactional batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    #[serde(rename = "operationType")]
    kind: String,
    id: Option<String>,
    if_match: Option<String>,
    resource_body: Option<Value>,
}

impl Store {
    pub(crate) fn read(&self, partition: &str, id: &str) -> Option<&Arc<Item>> {
        self.partitions.get(partition)?.items.get(id)
    }

    pub(crate) fn partition(&mut self, key: &str) -> &mut Partition {
        if !self.partitions.contains_key(key) {
            self.partitions.insert(key.to_owned(), Partition::default());
        }
        self.partitions.entry(key.to_owned()).or_default()
    }

    /// Returns the status, 200 or 201, and the item as it is now. `id` is that of the path, if it has one.
    pub(crate) fn write(
        &mut self,
        key: &str,
        how: Write,
        id: Option<&str>,
        content: Value,
        if_match: Option<&str>,
    ) -> Result<(u16, Arc<Item>), Refused> {
        let Value::Object(content) = content else {
            return Err(MALFORMED);
        };
        let id = match (id, text(&content, "id")) {
            (Some(path), Some(body)) if path != body => return Err(MALFORMED),
            (Some(id), _) | (None, Some(id)) => id.to_owned(),
            (None, None) => return Err(MALFORMED),
        };
        if text(&content, "partitionKey") != Some(key) {
            return Err(MALFORMED);
        }
        let found = self.read(key, &id);
        match (how, found) {
            (Write::Create, Some(_)) => return Err(CONFLICT),
            (Write::Replace, None) => return Err(NOT_FOUND),
            _ => {}
        }
        let status = if found.is_some() { 200 } else { 201 };
        matches(found, if_match)?;
        self.writes += 1;
        let item = Arc::new(Item::new(content, self.writes));
        self.put(key, &id, Some(Arc::clone(&item)));
        Ok((status, item))
    }

    pub(crate) fn delete(
        &mut self,
        key: &str,
        id: &str,
        if_match: Option<&str>,
    ) -> Result<(), Refused> {
        let found = self.read(key, id);
        if found.is_none() {
            return Err(NOT_FOUND);
        }
        matches(found, if_match)?;
        self.writes += 1;
        self.put(key, id, None);
        Ok(())
    }

    /// Does all of it or nothing. Returns the status and the result of each operation.
    pub(crate) fn batch(&mut self, key: &str, operations: Vec<Operation>) -> (u16, Vec<Value>) {
        let count = operations.len();
        let mut results = Vec::with_capacity(count);
        let mut undo: Vec<(String, Option<Arc<Item>>)> = Vec::with_capacity(count);
        for operation in operations {
            let body = operation.resource_body.as_ref();
            let id = operation.id.as_deref().or_else(|| body?["id"].as_str());
            let id = id.unwrap_or_default().to_owned();
            let before = self.read(key, &id).cloned();
            match self.operate(key, &id, operation) {
                Ok(result) => results.push(result),
                Err(Refused(status)) => {
                    for (id, before) in undo.into_iter().rev() {
                        self.put(key, &id, before);
                    }
                    let blamed = results.len();
                    let result = |index| if index == blamed { status } else { 424 };
                    let results = (0..count).map(|index| outcome(result(index), 0.0, None));
                    return (207, results.collect());
                }
            }
            undo.push((id, before));
        }
        (200, results)
    }

    fn operate(&mut self, key: &str, id: &str, operation: Operation) -> Result<Value, Refused> {
        let if_match = operation.if_match.as_deref();
        let how = match operation.kind.as_str() {
            "Create" => Write::Create,
            "Upsert" => Write::Upsert,
            "Replace" => Write::Replace,
            "Read" => {
                let found = self.read(key, id).ok_or(NOT_FOUND)?;
                let mut result = outcome(200, 1.0, Some(&found.etag));
                result["resourceBody"] = found.content();
                return Ok(result);
            }
            "Delete" => {
                self.delete(key, id, if_match)?;
                return Ok(outcome(204, WRITE_CHARGE, None));
            }
            _ => return Err(MALFORMED),
        };
        let content = operation.resource_body.ok_or(MALFORMED)?;
        let (status, item) = self.write(key, how, Some(id), content, if_match)?;
        Ok(outcome(status, WRITE_CHARGE, Some(&item.etag)))
    }

    fn put(&mut self, key: &str, id: &str, item: Option<Arc<Item>>) {
        let partition = self.partition(key);
        partition.pages.clear();
        match item {
            Some(item) => partition.items.insert(id.to_owned(), item),
            None => partition.items.remove(id),
        };
    }
}

fn matches(found: Option<&Arc<Item>>, if_match: Option<&str>) -> Result<(), Refused> {
    match (found, if_match) {
        (Some(item), Some(etag)) if etag != "*" && item.etag != etag => Err(PRECONDITION_FAILED),
        (None, Some(_)) => Err(PRECONDITION_FAILED),
        _ => Ok(()),
    }
}

fn outcome(status: u16, charge: f64, etag: Option<&str>) -> Value {
    let mut outcome = json!({ "statusCode": status, "requestCharge": charge });
    if let Some(etag) = etag {
        outcome["eTag"] = etag.into();
    }
    outcome
}

fn text<'a>(content: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    content.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str) -> Value {
        json!({ "id": id, "partitionKey": "p" })
    }

    fn batch(store: &mut Store, operations: Value) -> (u16, Vec<u64>) {
        let operations = serde_json::from_value(operations).unwrap();
        let (status, results) = store.batch("p", operations);
        let statuses = results.iter().map(|r| r["statusCode"].as_u64().unwrap());
        (status, statuses.collect())
    }

    #[test]
    fn writes_keep_to_their_preconditions() {
        let mut store = Store::default();
        let mut write = |how, if_match: Option<&str>| {
            let written = store.write("p", how, None, item("1"), if_match);
            written.map(|(status, item)| (status, item.etag.clone()))
        };
        assert_eq!(write(Write::Replace, None), Err(NOT_FOUND));
        let (status, etag) = write(Write::Create, None).unwrap();
        assert_eq!(status, 201);
        assert_eq!(write(Write::Create, None), Err(CONFLICT));
        assert_eq!(write(Write::Replace, Some(&etag)).unwrap().0, 200);
        assert_eq!(write(Write::Replace, Some(&etag)), Err(PRECONDITION_FAILED));
    }

    #[test]
    fn a_batch_happens_as_a_whole_or_not_at_all() {
        let mut store = Store::default();
        let create = |id| json!({ "operationType": "Create", "id": id, "resourceBody": item(id) });
        let (first, second) = (create("1"), create("2"));
        assert_eq!(batch(&mut store, json!([first])), (200, vec![201]));
        assert_eq!(
            batch(&mut store, json!([second, first])),
            (207, vec![424, 409])
        );
        assert!(store.read("p", "1").is_some());
        assert!(store.read("p", "2").is_none());
    }

    #[test]
    fn a_partition_has_no_item_of_another() {
        let mut store = Store::default();
        let written = store.write("q", Write::Create, None, item("1"), None);
        assert_eq!(written.unwrap_err(), MALFORMED);
        assert!(store.read("q", "1").is_none());
    }
}
