//! Items through the SDK: versions, batches, and the SDK's binary bodies.

use crate::client::{PARTITION, create, is_missing, item, read, start, with};
use crate::wire::Wire;
use azure_data_cosmos::TransactionalBatch;
use azure_data_cosmos::models::TransactionalBatchOperationResult as BatchResult;
use azure_data_cosmos::options::{ItemWriteOptions, Precondition};
use serde_json::{Value, json};

#[tokio::test]
async fn an_item_can_be_created_read_replaced_and_deleted() {
    let (_emulator, container) = start().await;
    create(&container, &with(item("1"), json!({ "name": "first" }))).await;
    assert_eq!(read(&container, "1").await.unwrap()["name"], "first");

    let second = with(item("1"), json!({ "name": "second" }));
    container
        .replace_item(PARTITION, "1", &second, None)
        .await
        .unwrap();
    assert_eq!(read(&container, "1").await.unwrap()["name"], "second");

    container.delete_item(PARTITION, "1", None).await.unwrap();
    assert!(is_missing(&container, "1").await);
}

#[tokio::test]
async fn items_of_two_partitions_may_share_an_id() {
    let (_emulator, container) = start().await;
    create(&container, &item("1")).await;
    create(
        &container,
        &json!({ "id": "1", "partitionKey": "b", "name": "other" }),
    )
    .await;
    let other: Value = container
        .read_item("b", "1", None)
        .await
        .unwrap()
        .into_model()
        .unwrap();
    assert_eq!(other["name"], "other");
    assert_eq!(read(&container, "1").await.unwrap()["name"], Value::Null);
}

#[tokio::test]
async fn a_taken_id_is_refused() {
    let (_emulator, container) = start().await;
    create(&container, &item("1")).await;
    let refused = container
        .create_item(PARTITION, "1", &item("1"), None)
        .await
        .unwrap_err();
    assert!(refused.status().is_conflict());
}

#[tokio::test]
async fn a_stale_etag_is_refused() {
    let (_emulator, container) = start().await;
    create(&container, &item("1")).await;
    let etag = read(&container, "1").await.unwrap()["_etag"]
        .as_str()
        .unwrap()
        .to_owned();
    let if_match = || {
        let precondition = Precondition::if_match(etag.clone());
        Some(ItemWriteOptions::default().with_precondition(precondition))
    };
    container
        .replace_item(PARTITION, "1", &item("1"), if_match())
        .await
        .unwrap();

    let replaced = container
        .replace_item(PARTITION, "1", &item("1"), if_match())
        .await;
    assert!(replaced.unwrap_err().status().is_precondition_failed());
    let deleted = container.delete_item(PARTITION, "1", if_match()).await;
    assert!(deleted.unwrap_err().status().is_precondition_failed());
    assert!(read(&container, "1").await.is_ok());
}

#[tokio::test]
async fn a_batch_is_applied_as_a_whole() {
    let (_emulator, container) = start().await;
    create(&container, &item("old")).await;
    let batch = TransactionalBatch::new(PARTITION)
        .create_item(item("new"))
        .unwrap()
        .delete_item("old", None);
    let response = container
        .execute_transactional_batch(batch, None)
        .await
        .unwrap();
    let results = response.into_model().unwrap();
    let statuses: Vec<u16> = results
        .results()
        .iter()
        .map(BatchResult::status_code)
        .collect();
    assert_eq!(statuses, [201, 204]);
    assert!(read(&container, "new").await.is_ok());
    assert!(is_missing(&container, "old").await);
}

#[tokio::test]
async fn a_batch_with_one_failure_changes_nothing() {
    let (_emulator, container) = start().await;
    create(&container, &item("taken")).await;
    let batch = TransactionalBatch::new(PARTITION)
        .create_item(item("new"))
        .unwrap()
        .create_item(item("taken"))
        .unwrap();
    let response = container
        .execute_transactional_batch(batch, None)
        .await
        .unwrap();
    let results = response.into_model().unwrap();
    let statuses: Vec<u16> = results
        .results()
        .iter()
        .map(BatchResult::status_code)
        .collect();
    assert_eq!(statuses, [424, 409]);
    assert!(is_missing(&container, "new").await);
}

#[tokio::test]
async fn what_the_sdk_writes_in_binary_reads_back_as_text() {
    let (emulator, container) = start().await;
    let properties = json!({
        "name": "Zoë", "count": 7, "ratio": 0.5, "tags": ["x", null, true], "nested": { "a": [] },
    });
    create(&container, &with(item("1"), properties.clone())).await;
    let text = Wire::new(&emulator)
        .read("1")
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let stored: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(with(stored.clone(), properties), stored);
}
