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
async fn an_increment_of_what_is_not_there_sets_it_once() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let increment = json!({ "operations": [
        { "op": "incr", "path": "/n", "value": 2 },
        { "op": "incr", "path": "/n", "value": 1 },
    ]});
    let increments = (0..10).map(|_| wire.patch("1", &increment));
    let statuses = futures::future::join_all(increments).await;
    assert_eq!(statuses, [200; 10]);
    let read: Value = wire.read("1").await.unwrap().json().await.unwrap();
    assert_eq!(read["n"], 30);
    let in_nothing = json!([{ "op": "incr", "path": "/no/n", "value": 2 }]);
    assert_eq!(wire.patch("1", &in_nothing).await, 400);
}

#[tokio::test]
async fn a_patch_in_a_batch_does_what_it_does_alone() {
    let (_emulator, wire) = start_plain().await;
    let content = json!({ "n": 3, "f": 0.5, "a": [1, 2, 3], "o": { "p~/": 1, "q": [] }, "s": "x" });
    for (place, operations) in [
        json!([{ "op": "set", "path": "/n", "value": 4 }, { "op": "remove", "path": "/s" }]),
        json!([{ "op": "add", "path": "/a/1", "value": 9 }, { "op": "add", "path": "/a/-", "value": 8 }]),
        json!([{ "op": "set", "path": "/a/1", "value": 9 }]),
        json!([{ "op": "add", "path": "/a/3", "value": 9 }]),
        json!([{ "op": "set", "path": "/a/3", "value": 9 }]),
        json!([{ "op": "add", "path": "/a/4", "value": 9 }]),
        json!([{ "op": "remove", "path": "/a/0" }, { "op": "replace", "path": "/o/p~0~1", "value": null }]),
        json!([{ "op": "replace", "path": "/missing", "value": 1 }]),
        json!([{ "op": "remove", "path": "/missing" }]),
        json!([{ "op": "set", "path": "/missing/below", "value": 1 }]),
        json!([{ "op": "incr", "path": "/n", "value": -1 }, { "op": "incr", "path": "/f", "value": 0.25 }]),
        json!([{ "op": "incr", "path": "/new", "value": 7 }]),
        json!([{ "op": "incr", "path": "/s", "value": 7 }]),
        json!([{ "op": "move", "from": "/o/q", "path": "/r" }]),
        json!([{ "op": "move", "from": "/missing", "path": "/r" }]),
        json!([{ "op": "set", "path": "/id", "value": "other" }]),
        json!([{ "op": "set", "path": "/partitionKey", "value": "other" }]),
        json!([]),
    ]
    .iter()
    .enumerate()
    {
        let ids = [format!("alone-{place}"), format!("batch-{place}")];
        for id in &ids {
            wire.create(&with(item(id), content.clone())).await.unwrap();
        }
        let alone = wire.patch(&ids[0], operations).await;
        let patch = json!({ "operationType": "Patch", "id": ids[1], "resourceBody": { "operations": operations } });
        let batch = wire.batch(&json!([patch])).await;
        let batch_status = batch.status().as_u16();
        let results: Value = batch.json().await.unwrap();
        let in_batch = results[0]["statusCode"].as_u64().unwrap_or(batch_status.into());
        assert_eq!(in_batch, u64::from(alone), "{operations}: {results}");
        let left = async |id: &str| {
            let mut item: Value = wire.read(id).await.unwrap().json().await.unwrap();
            let properties = item.as_object_mut().unwrap();
            properties.retain(|name, _| name != "id" && !name.starts_with('_'));
            item
        };
        assert_eq!(left(&ids[0]).await, left(&ids[1]).await, "{operations}");
    }
}

#[tokio::test]
async fn patches_in_a_batch_see_what_comes_before_them_and_lose_nothing_of_others() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "n": 0 })))
        .await
        .unwrap();
    let increment = |id| {
        let operations = json!([{ "op": "incr", "path": "/n", "value": 1 }]);
        json!({ "operationType": "Patch", "id": id, "resourceBody": { "operations": operations } })
    };
    let new =
        json!({ "operationType": "Create", "resourceBody": with(item("2"), json!({ "n": 5 })) });
    let batch = json!([new, increment("2"), increment("2"), increment("1")]);
    let results: Value = wire.batch(&batch).await.json().await.unwrap();
    let n: Vec<_> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["resourceBody"]["n"])
        .collect();
    assert_eq!(n, [5, 6, 7, 1], "{results}");

    let batches = (0..10).map(|_| async {
        let done = wire.batch(&json!([increment("1"), increment("1")])).await;
        assert_eq!(done.status(), 200);
    });
    futures::future::join_all(batches).await;
    let read: Value = wire.read("1").await.unwrap().json().await.unwrap();
    assert_eq!(read["n"], 21);

    let mut stale = increment("1");
    stale["ifMatch"] = "\"stale\"".into();
    let delete = json!({ "operationType": "Delete", "id": "2" });
    for (last, status) in [(stale, 412), (increment("2"), 404)] {
        let results: Value = wire
            .batch(&json!([delete, last]))
            .await
            .json()
            .await
            .unwrap();
        let statuses = [&results[0]["statusCode"], &results[1]["statusCode"]];
        assert_eq!(statuses, [&json!(424), &json!(status)]);
    }
    assert!(wire.has("2").await);
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
