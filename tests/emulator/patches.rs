//! Patches as the SDKs send them.

use crate::client::{item, start_plain, with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_patch_is_applied_only_if_its_condition_is_true() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "n": 3 })))
        .await
        .unwrap();
    wire.create(&with(item("2"), json!({ "n": 99 })))
        .await
        .unwrap();
    let patch = |condition: &str, value: i32| {
        json!({
            "operations": [{ "op": "set", "path": "/n", "value": value }],
            "condition": condition,
        })
    };
    let n = async || wire.read("1").await.unwrap().json::<Value>().await.unwrap()["n"].clone();

    assert_eq!(
        wire.patch("1", &patch("from c where c.n = 99", 4)).await,
        412
    );
    assert_eq!(n().await, 3);
    assert_eq!(
        wire.patch("1", &patch(r#"FROM c WHERE c["n"] = 3"#, 4))
            .await,
        200
    );
    assert_eq!(n().await, 4);
    assert_eq!(
        wire.patch("1", &patch("from c where EXISTS(SELECT 1)", 5))
            .await,
        400
    );
    assert_eq!(wire.patch("1", &patch("from c where", 5)).await, 400);
    assert_eq!(
        wire.patch("none", &patch("from c where c.n = 3", 5)).await,
        404
    );
    assert_eq!(n().await, 4);
}

#[tokio::test]
async fn conditional_patches_at_once_lose_none() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "n": 0 })))
        .await
        .unwrap();
    let patch = json!({
        "operations": [{ "op": "incr", "path": "/n", "value": 1 }],
        "condition": "from c where c.n < 10",
    });
    let patches = (0..20).map(|_| wire.patch("1", &patch));
    let statuses = futures::future::join_all(patches).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10);
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 10);
    let read: Value = wire.read("1").await.unwrap().json().await.unwrap();
    assert_eq!(read["n"], 10);
}

#[tokio::test]
async fn operations_may_come_alone_as_the_javascript_sdk_sends_them() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let operations = json!([{ "op": "add", "path": "/n", "value": 1 }]);
    assert_eq!(wire.patch("1", &operations).await, 200);
    let read: Value = wire.read("1").await.unwrap().json().await.unwrap();
    assert_eq!(read["n"], 1);
}

#[tokio::test]
async fn system_properties_and_depths_without_end_cannot_be_patched() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let set = |path: &str| json!({ "operations": [{ "op": "set", "path": path, "value": 1 }] });
    assert_eq!(wire.patch("1", &set("/_ts")).await, 400);
    assert_eq!(wire.patch("1", &set(&"/a".repeat(1_000))).await, 400);

    let tree = (0..60).fold(json!(1), |tree, _| json!({ "a": tree }));
    let plant = |path| json!({ "operations": [{ "op": "set", "path": path, "value": tree }] });
    let graft = |from: &str, onto: &str| {
        let path = format!("{onto}{}/b", "/a".repeat(59));
        json!({ "operations": [{ "op": "move", "from": from, "path": path }] })
    };
    assert_eq!(wire.patch("1", &plant("/x")).await, 200);
    assert_eq!(wire.patch("1", &plant("/y")).await, 200);
    assert_eq!(wire.patch("1", &graft("/x", "/y")).await, 200);
    assert_eq!(wire.patch("1", &plant("/x")).await, 200);
    assert_eq!(wire.patch("1", &graft("/y", "/x")).await, 400);
}
