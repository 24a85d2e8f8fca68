//! What Cosmos DB does not take, and what this emulator does not do, is refused.

use crate::client::{item, start_plain, with};
use crate::wire::{ITEMS, header};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_id_is_as_long_as_the_service_takes_it() {
    let (_emulator, wire) = start_plain().await;
    for (id, status) in [
        ("x".repeat(1_023), 201),
        ("x".repeat(1_024), 400),
        ("é".repeat(512), 400),
        (String::new(), 400),
        ("a/b".to_owned(), 400),
        ("a\\b".to_owned(), 400),
        ("a?b".to_owned(), 400),
        ("a#b".to_owned(), 400),
    ] {
        let created = wire.create(&item(&id)).await.unwrap();
        assert_eq!(created.status(), status, "{id}");
        let operations = json!([{ "operationType": "Upsert", "resourceBody": item(&id) }]);
        let expected = if status == 201 { 200 } else { 400 };
        assert_eq!(wire.batch(&operations).await.status(), expected, "{id}");
    }
}

#[tokio::test]
async fn a_partition_key_is_as_long_as_the_service_takes_it() {
    let (_emulator, wire) = start_plain().await;
    for (length, status) in [(2_048, 201), (2_049, 400)] {
        let key = "k".repeat(length);
        let created = wire
            .request(Method::POST, ITEMS)
            .header("x-ms-documentdb-partitionkey", json!([key]).to_string())
            .json(&json!({ "id": "1", "partitionKey": key }));
        assert_eq!(created.send().await.unwrap().status(), status, "{length}");
    }
}

#[tokio::test]
async fn a_time_to_live_is_a_positive_integer_or_minus_one() {
    let (_emulator, wire) = start_plain().await;
    let invalid = [json!(0), json!(-2), json!("10"), json!(1.5), json!(true)];
    for ttl in invalid.iter().chain(&[Value::Null]) {
        let item = with(item("1"), json!({ "ttl": ttl }));
        assert_eq!(wire.create(&item).await.unwrap().status(), 400, "{ttl}");
    }
    for (id, ttl) in [("1", -1), ("2", 600)] {
        let item = with(item(id), json!({ "ttl": ttl }));
        assert_eq!(wire.create(&item).await.unwrap().status(), 201, "{ttl}");
    }
    for ttl in &invalid {
        let patch = json!({ "operations": [{ "op": "set", "path": "/ttl", "value": ttl }] });
        assert_eq!(wire.patch("1", &patch).await, 400, "{ttl}");
        let replaced = wire
            .replace(&with(item("1"), json!({ "ttl": ttl })))
            .await
            .unwrap();
        assert_eq!(replaced.status(), 400, "{ttl}");
    }
    wire.create(&with(item("3"), json!({ "ttl": 5, "text": "10" })))
        .await
        .unwrap();
    for operation in [
        json!({ "op": "set", "path": "/ttl", "value": null }),
        json!({ "op": "incr", "path": "/ttl", "value": -5 }),
        json!({ "op": "move", "from": "/text", "path": "/ttl" }),
    ] {
        let patch = json!({ "operations": [operation] });
        assert_eq!(wire.patch("3", &patch).await, 400, "{operation}");
        assert_eq!(wire.read("3").await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_container_that_would_work_otherwise_is_refused() {
    let (_emulator, wire) = start_plain().await;
    let long = "c".repeat(256);
    for (id, more, status, named) in [
        ("ok", json!({ "defaultTtl": -1 }), 201, ""),
        (&long, json!({}), 400, "255"),
        ("a/b", json!({}), 400, "'/'"),
        ("t1", json!({ "defaultTtl": 0 }), 400, "defaultTtl"),
        ("t2", json!({ "defaultTtl": "x" }), 400, "defaultTtl"),
        (
            "p",
            json!({ "computedProperties": [{ "name": "n", "query": "SELECT VALUE 1 FROM c" }] }),
            400,
            "computedProperties",
        ),
        (
            "i",
            json!({ "indexingPolicy": { "includedPaths": [{ "path": "n/?" }] } }),
            400,
            "includedPaths",
        ),
        (
            "r",
            json!({ "conflictResolutionPolicy": { "conflictResolutionPath": "/v" } }),
            400,
            "conflictResolutionPath",
        ),
    ] {
        let key = json!({ "partitionKey": { "paths": ["/pk"], "kind": "Hash" } });
        let definition = with(with(json!({ "id": id }), key), more);
        let path = "/dbs/app/colls";
        let (created, answer) = wire
            .send_json(Method::POST, path, &definition.to_string())
            .await;
        assert_eq!(created, status, "{answer}");
        assert!(
            answer["message"]
                .as_str()
                .unwrap_or_default()
                .contains(named),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_is_not_done_is_named() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let batch = |operations: Value| {
        wire.items(Method::POST, "")
            .json(&operations)
            .header("x-ms-cosmos-is-batch-request", "True")
    };
    let patch =
        json!([{ "operationType": "Patch", "id": "1", "resourceBody": { "condition": "from c" } }]);
    let read = json!([{ "operationType": "Read", "id": "1" }]);
    assert_eq!(wire.batch(&json!([])).await.status(), 400);
    let feed = || wire.items(Method::GET, "");
    let query = json!({ "query": "SELECT * FROM c ORDER BY c.id", "resumeFilter": { "rid": "x" } });
    for (request, named) in [
        (batch(patch), "condition"),
        (batch(read).body(vec![0x81_u8, 1, 2]), "HybridRow"),
        (
            feed()
                .header("a-im", "Full-Fidelity Feed")
                .header("if-none-match", "*"),
            "all versions",
        ),
        (
            wire.items(Method::POST, "")
                .json(&item("2"))
                .header("x-ms-documentdb-pre-trigger-include", "t"),
            "Triggers",
        ),
        (
            wire.items(Method::POST, "")
                .json(&query)
                .header("x-ms-documentdb-isquery", "True"),
            "resumeFilter",
        ),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{named}");
        let error: Value = answer.json().await.unwrap();
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{error}"
        );
    }
    assert!(!wire.has("2").await);
}

#[tokio::test]
async fn a_change_feed_can_start_at_a_time() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let changes = async |since: &str| {
        let request = wire
            .items(Method::GET, "")
            .header("a-im", "Incremental Feed");
        let answer = request
            .header("if-modified-since", since)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["_count"].clone()
    };
    assert_eq!(changes("Fri, 01 Jan 2021 00:00:00 GMT").await, 1);
    assert_eq!(changes("Fri, 01 Jan 2100 00:00:00 GMT").await, 0);
}

#[tokio::test]
async fn a_change_feed_without_changes_counts_none() {
    let (_emulator, wire) = start_plain().await;
    let request = wire
        .items(Method::GET, "")
        .header("a-im", "Incremental Feed");
    let answer = request.header("if-none-match", "*").send().await.unwrap();
    assert_eq!(answer.status(), 304);
    assert_eq!(header(&answer, "x-ms-item-count").unwrap(), "0");
}

#[tokio::test]
async fn an_account_says_what_its_queries_take() {
    let (_emulator, wire) = start_plain().await;
    let account = wire.get_json("/").await;
    let engine = account["queryEngineConfiguration"].as_str().unwrap();
    let engine: Value = serde_json::from_str(engine).unwrap();
    assert!(engine["maxSqlQueryInputLength"].is_u64(), "{engine}");
    assert!(engine["maxJoinsPerSqlQuery"].is_u64(), "{engine}");
}

#[tokio::test]
async fn what_finds_nothing_costs_one_request_unit() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let query = json!({ "query": "SELECT * FROM c WHERE false", "parameters": [] });
    for (request, status) in [
        (wire.items(Method::GET, "/none"), 404),
        (wire.items(Method::DELETE, "/none"), 404),
        (wire.items(Method::POST, "").json(&item("1")), 409),
        (
            wire.items(Method::POST, "")
                .json(&query)
                .header("x-ms-documentdb-isquery", "True"),
            200,
        ),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status);
        let charge: f64 = header(&answer, "x-ms-request-charge")
            .unwrap()
            .parse()
            .unwrap();
        assert!(charge >= 1.0, "{status}: {charge}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_items_or_not_of_its_containers_form_is_a_sub_status() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    for (method, path, key) in [
        (Method::POST, ITEMS.to_owned(), json!(["other"])),
        (Method::GET, format!("{ITEMS}/1"), json!(["a", "b"])),
        (Method::DELETE, format!("{ITEMS}/1"), json!([])),
    ] {
        let request = wire.request(method, &path).json(&item("1"));
        let request = request.header("x-ms-documentdb-partitionkey", key.to_string());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{key}");
        assert_eq!(header(&answer, "x-ms-substatus").unwrap(), "1001", "{key}");
    }
}

#[tokio::test]
async fn a_query_tells_its_metrics_when_asked_for_them() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    let query = json!({ "query": "SELECT * FROM c", "parameters": null });
    let request = wire.items(Method::POST, "").json(&query);
    let request = request.header("x-ms-documentdb-isquery", "True");
    let request = request.header("x-ms-documentdb-populatequerymetrics", "True");
    let answer = request.send().await.unwrap();
    let metrics = header(&answer, "x-ms-documentdb-query-metrics").unwrap();
    assert!(metrics.contains("totalExecutionTimeInMs="), "{metrics}");
    assert!(metrics.contains("outputDocumentCount=1;"), "{metrics}");
}
