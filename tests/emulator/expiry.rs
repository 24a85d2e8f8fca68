//! Items vanish at the moment they expire.

use crate::client::{
    PARTITION, create, ids, is_missing, item, read, start, start_plain, start_with, with,
};
use crate::wire::Wire;
use azure_data_cosmos::TransactionalBatch;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::models::TransactionalBatchOperationResult as BatchResult;
use cosmos_emulator::Options;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: u64 = 3600;
const DOCS: &str = "/dbs/app/colls/expiring/docs";

fn expiring(id: &str, ttl: impl Into<Value>) -> Value {
    with(item(id), json!({ "ttl": ttl.into() }))
}

/// Long enough for an item with that many seconds to live. The extra ones are for those that pass
/// while a test runs.
fn nearly(seconds: u64) -> Duration {
    Duration::from_secs(seconds - 60)
}

#[tokio::test]
async fn an_item_vanishes_for_every_request_when_it_expires() {
    let (emulator, container) = start().await;
    let wire = Wire::new(&emulator);
    create(&container, &expiring("1", HOUR)).await;
    create(&container, &item("2")).await;
    emulator.advance_clock(nearly(HOUR));
    assert!(read(&container, "1").await.is_ok());

    emulator.advance_clock(Duration::from_mins(1));
    let all = ids(
        &container,
        "SELECT * FROM c",
        FeedScope::partition(PARTITION),
        10,
    )
    .await;
    assert_eq!(all, ["2"]);
    assert!(is_missing(&container, "1").await);
    assert_eq!(wire.replace(&item("1")).await.unwrap().status(), 404);
    assert_eq!(wire.create(&item("1")).await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_expired_item_does_not_fail_a_batch_that_takes_its_id() {
    let (emulator, container) = start().await;
    let record = || {
        let batch = TransactionalBatch::new(PARTITION);
        batch
            .create_item(expiring("1", HOUR))
            .unwrap()
            .create_item(expiring("2", -1))
            .unwrap()
    };
    let statuses = async |batch| {
        let response = container
            .execute_transactional_batch(batch, None)
            .await
            .unwrap();
        let results = response.into_model().unwrap();
        let results = results.results().iter();
        results.map(BatchResult::status_code).collect::<Vec<_>>()
    };
    assert_eq!(statuses(record()).await, [201, 201]);
    assert_eq!(statuses(record()).await, [409, 424]);
    emulator.advance_clock(Duration::from_secs(HOUR));
    assert_eq!(statuses(record()).await, [424, 409]);
    assert!(is_missing(&container, "1").await);
    assert!(read(&container, "2").await.is_ok());
}

#[tokio::test]
async fn an_item_written_again_lives_by_its_new_ttl() {
    let (emulator, wire) = start_plain().await;
    for id in ["stays", "longer", "shorter", "never"] {
        wire.create(&expiring(id, HOUR)).await.unwrap();
    }
    wire.replace(&item("stays")).await.unwrap();
    wire.replace(&expiring("longer", 3 * HOUR)).await.unwrap();
    wire.replace(&expiring("shorter", HOUR / 2)).await.unwrap();
    wire.replace(&expiring("never", -1)).await.unwrap();

    emulator.advance_clock(Duration::from_secs(HOUR / 2));
    assert!(!wire.has("shorter").await);
    emulator.advance_clock(Duration::from_secs(HOUR));
    assert!(wire.has("longer").await);
    emulator.advance_clock(Duration::from_secs(2 * HOUR));
    assert!(!wire.has("longer").await);
    assert!(wire.has("stays").await && wire.has("never").await);
}

#[tokio::test]
async fn an_item_written_after_the_clock_was_advanced_lives_its_whole_time() {
    let (emulator, wire) = start_plain().await;
    emulator.advance_clock(Duration::from_secs(10 * HOUR));
    wire.create(&expiring("1", HOUR)).await.unwrap();
    emulator.advance_clock(nearly(HOUR));
    assert!(wire.has("1").await);
    emulator.advance_clock(Duration::from_mins(1));
    assert!(!wire.has("1").await);
}

#[tokio::test]
async fn a_patch_can_give_an_item_a_time_to_live() {
    let (emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let patch = json!({ "operations": [{ "op": "set", "path": "/ttl", "value": HOUR }] });
    let patched = wire
        .items(Method::PATCH, "/1")
        .json(&patch)
        .send()
        .await
        .unwrap();
    assert_eq!(patched.status(), 200);
    emulator.advance_clock(Duration::from_secs(HOUR));
    assert!(!wire.has("1").await);
}

/// Defines container `expiring`, with `defaultTtl` when it is not null.
async fn define(wire: &Wire, method: Method, path: &str, default_ttl: Value) {
    let mut definition = json!({
        "id": "expiring",
        "partitionKey": { "paths": ["/partitionKey"], "kind": "Hash", "version": 2 },
    });
    if !default_ttl.is_null() {
        definition["defaultTtl"] = default_ttl;
    }
    let defined = wire
        .request(method, path)
        .json(&definition)
        .send()
        .await
        .unwrap();
    assert!(defined.status().is_success(), "{}", defined.status());
}

async fn left(wire: &Wire) -> Vec<String> {
    let feed = wire.get_json(DOCS).await;
    let items = feed["Documents"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Creates items without, with a short, a long and an endless time to live.
async fn fill(wire: &Wire) {
    for item in [
        item("default"),
        expiring("short", 60),
        expiring("long", 9 * HOUR),
        expiring("ever", -1),
    ] {
        // Without its header, the partition key is read from the item.
        let created = wire
            .request(Method::POST, DOCS)
            .json(&item)
            .send()
            .await
            .unwrap();
        assert_eq!(created.status(), 201);
    }
}

#[tokio::test]
async fn items_without_a_ttl_live_by_the_containers_default() {
    let (emulator, wire) = start_plain().await;
    define(&wire, Method::POST, "/dbs/app/colls", json!(HOUR)).await;
    fill(&wire).await;
    emulator.advance_clock(Duration::from_mins(1));
    assert_eq!(left(&wire).await.len(), 3);
    emulator.advance_clock(Duration::from_secs(HOUR));
    let mut left = left(&wire).await;
    left.sort();
    assert_eq!(left, ["ever", "long"]);
}

#[tokio::test]
async fn nothing_expires_in_a_container_without_a_default() {
    let (emulator, wire) = start_plain().await;
    define(&wire, Method::POST, "/dbs/app/colls", Value::Null).await;
    fill(&wire).await;
    emulator.advance_clock(Duration::from_secs(10 * HOUR));
    assert_eq!(left(&wire).await.len(), 4);
}

#[tokio::test]
async fn a_container_that_is_redefined_changes_how_long_its_items_live() {
    let (emulator, wire) = start_plain().await;
    define(&wire, Method::POST, "/dbs/app/colls", Value::Null).await;
    fill(&wire).await;
    define(&wire, Method::PUT, "/dbs/app/colls/expiring", json!(HOUR)).await;
    define(
        &wire,
        Method::PUT,
        "/dbs/app/colls/expiring",
        json!(5 * HOUR),
    )
    .await;
    emulator.advance_clock(Duration::from_secs(HOUR));
    assert_eq!(left(&wire).await.len(), 3);
    define(&wire, Method::PUT, "/dbs/app/colls/expiring", Value::Null).await;
    emulator.advance_clock(Duration::from_secs(10 * HOUR));
    assert_eq!(left(&wire).await.len(), 3);
}

#[tokio::test]
async fn an_item_vanishes_in_every_region() {
    let regions = ["East US", "West US"].map(str::to_owned).to_vec();
    let (emulator, container) = start_with(Options {
        regions,
        ..Options::default()
    })
    .await;
    create(&container, &expiring("1", HOUR)).await;
    let west = Wire::to(emulator.region_url("West US").unwrap(), Client::builder());
    assert!(west.has("1").await);
    emulator.advance_clock(Duration::from_secs(HOUR));
    assert!(!west.has("1").await);
}
