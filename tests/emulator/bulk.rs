//! Bulks: operations on many partitions in one request, each on its own.

use crate::client::start_plain;
use crate::wire::{ITEMS, Wire};
use reqwest::Method;
use serde_json::{Value, json};

async fn bulk(wire: &Wire, operations: &Value, goes_on: bool) -> (u16, Vec<u64>) {
    let request = wire.request(Method::POST, ITEMS);
    let request = request.header("x-ms-cosmos-is-batch-request", "True");
    let request = request.header("x-ms-cosmos-batch-atomic", "False");
    let request = request.header("x-ms-cosmos-batch-continue-on-error", goes_on.to_string());
    let answer = request.json(operations).send().await.unwrap();
    let status = answer.status().as_u16();
    let results: Vec<Value> = answer.json().await.unwrap();
    let statuses = results.iter().map(|it| it["statusCode"].as_u64().unwrap());
    (status, statuses.collect())
}

fn create(id: &str, partition: &str, ttl: i32) -> Value {
    json!({
        "operationType": "Create",
        "partitionKey": json!([partition]).to_string(),
        "resourceBody": { "id": id, "partitionKey": partition, "ttl": ttl },
    })
}

#[tokio::test]
async fn each_operation_of_a_bulk_is_done_or_refused_on_its_own() {
    let (emulator, wire) = start_plain().await;
    let patch = json!({
        "operationType": "Patch",
        "partitionKey": "[\"a\"]",
        "id": "1",
        "resourceBody": { "operations": [{ "op": "incr", "path": "/n", "value": 2 }] },
    });
    let all = json!([
        create("1", "a", 60),
        create("1", "a", 60),
        create("2", "b", 0),
        patch,
        create("3", "c", 60)
    ]);
    assert_eq!(
        bulk(&wire, &all, true).await,
        (207, vec![201, 409, 400, 200, 201])
    );
    let read: Value = wire.read("1").await.unwrap().json().await.unwrap();
    assert_eq!(read["n"], 2);

    let rest = json!([create("1", "a", 60), create("4", "a", 60)]);
    assert_eq!(bulk(&wire, &rest, false).await, (207, vec![409, 424]));
    assert_eq!(
        bulk(&wire, &json!([create("5", "a", -1)]), true).await,
        (200, vec![201])
    );

    emulator.advance_clock(std::time::Duration::from_mins(2));
    assert!(!wire.has("1").await);
    assert!(wire.has("5").await);
}
