//! Batches that read what was there when they started.

use crate::client::{item, start_plain, with};
use cosmos_emulator::{Emulator, Fault, Resource};
use reqwest::Method;
use serde_json::{Value, json};

fn stale_reads() -> Fault {
    Fault {
        resource: Some(Resource::Batch),
        hold: true,
        stale_reads: true,
        times: Some(1),
        ..Fault::default()
    }
}

fn read(id: &str) -> Value {
    json!({ "operationType": "Read", "id": id })
}

fn create(id: &str) -> Value {
    json!({ "operationType": "Create", "resourceBody": item(id) })
}

/// Sends `batch`, deletes item `x` while it is held, and returns the status of each operation.
async fn overtaken(emulator: &Emulator, wire: &crate::wire::Wire, batch: Value) -> Vec<Value> {
    wire.create(&with(item("x"), json!({ "n": 1 })))
        .await
        .unwrap();
    let fault = emulator.inject(stale_reads()).unwrap();
    let held = tokio::spawn({
        let wire = wire.clone();
        async move { wire.batch(&batch).await }
    });
    assert!(emulator.fired(fault, 1).await);
    let deleted = wire.items(Method::DELETE, "/x").send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    emulator.remove_fault(fault);
    let results: Vec<Value> = held.await.unwrap().json().await.unwrap();
    results
        .iter()
        .map(|result| result["statusCode"].clone())
        .collect()
}

#[tokio::test]
async fn a_batch_that_only_reads_an_item_does_not_see_it_deleted_meanwhile() {
    let (emulator, wire) = start_plain().await;
    let batch = json!([read("x"), create("1")]);
    assert_eq!(overtaken(&emulator, &wire, batch).await, [200, 201]);
    assert!(wire.has("1").await);
    assert!(!wire.has("x").await);
}

#[tokio::test]
async fn a_batch_that_writes_an_item_sees_it_deleted_meanwhile() {
    let (emulator, wire) = start_plain().await;
    let batch = json!([create("1"), { "operationType": "Replace", "id": "x", "resourceBody": item("x") }, read("x")]);
    assert_eq!(overtaken(&emulator, &wire, batch).await, [424, 404, 424]);
    assert!(!wire.has("1").await);
}

#[tokio::test]
async fn a_read_of_what_was_not_there_fails_the_batch() {
    let (emulator, wire) = start_plain().await;
    let batch = json!([create("1"), read("none"), read("x")]);
    assert_eq!(overtaken(&emulator, &wire, batch).await, [424, 404, 424]);
    assert!(!wire.has("1").await);
}

#[tokio::test]
async fn the_versions_that_reads_ask_for_are_those_of_the_snapshot() {
    let (emulator, wire) = start_plain().await;
    let other =
        json!([create("1"), { "operationType": "Read", "id": "x", "ifMatch": "\"other\"" }]);
    assert_eq!(overtaken(&emulator, &wire, other).await, [424, 412]);
    let only_reads = json!([read("x"), { "operationType": "Read", "id": "x", "ifMatch": "*" }]);
    assert_eq!(overtaken(&emulator, &wire, only_reads).await, [200, 200]);
}

#[tokio::test]
async fn stale_reads_need_a_batch_that_is_held() {
    let (emulator, _wire) = start_plain().await;
    let alone = Fault {
        hold: false,
        ..stale_reads()
    };
    let error = emulator.inject(alone).unwrap_err().to_string();
    assert!(error.starts_with("staleReads"), "{error}");
}
