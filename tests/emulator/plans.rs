//! Plans, by which SDKs spread a query over partitions.

use crate::client::{item, start_plain, with};
use crate::wire::{ITEMS, Wire};
use reqwest::Method;
use serde_json::{Value, json};

async fn plan(wire: &Wire, sql: &str, agent: &str) -> (u16, Value) {
    let request = wire.request(Method::POST, ITEMS);
    let request = request.header("x-ms-cosmos-is-query-plan-request", "True");
    let request = request.header("user-agent", agent);
    let answer = request.json(&json!({ "query": sql, "parameters": [] }));
    let answer = answer.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_plan_takes_strings_as_queries_do() {
    let (_emulator, wire) = start_plain().await;
    for (id, name) in [("1", "Alpha"), ("2", "it's é")] {
        wire.create(&with(item(id), json!({ "s": name })))
            .await
            .unwrap();
    }
    let sql = r#"SELECT c["id"] FROM c WHERE c["s"] = "it's é" ORDER BY c["id"]"#;
    let (status, plan) = plan(&wire, sql, "any").await;
    assert_eq!(status, 200, "{plan}");
    assert_eq!(plan["queryInfo"]["orderByExpressions"], json!(["c.id"]));
    let rewritten = plan["queryInfo"]["rewrittenQuery"].as_str().unwrap();
    let rewritten = rewritten.replace("{documentdb-formattableorderbyquery-filter}", "true");
    let rows = wire.rows(&rewritten).await;
    assert_eq!(
        rows[0]["orderByItems"],
        json!([{ "item": "2" }]),
        "{rewritten}"
    );
    assert_eq!(rows[0]["payload"]["id"], "2");
}

#[tokio::test]
async fn a_partition_key_that_is_hard_to_write_asks_every_partition() {
    let (_emulator, wire) = start_plain().await;
    let ranges = async |sql: &str| plan(&wire, sql, "any").await.1["queryRanges"].clone();
    let simple = ranges("SELECT * FROM c WHERE c.partitionKey = \"a\"").await;
    let hard = ranges(r"SELECT * FROM c WHERE c.partitionKey = 'a\'b'").await;
    assert_ne!(simple[0]["min"], "");
    assert_eq!(
        (&hard[0]["min"], &hard[0]["max"]),
        (&json!(""), &json!("FF"))
    );
}

#[tokio::test]
async fn what_the_dotnet_sdk_would_get_wrong_is_refused() {
    let (_emulator, wire) = start_plain().await;
    let dotnet = "cosmos-netstandard-sdk/3.64.0|1|X64|Linux";
    for (sql, status) in [
        ("SELECT VALUE COUNT(1) FROM c", 400),
        ("SELECT c.g FROM c GROUP BY c.g", 400),
        ("SELECT * FROM c", 200),
    ] {
        assert_eq!(plan(&wire, sql, dotnet).await.0, status, "{sql}");
        assert_eq!(
            plan(&wire, sql, "azsdk-python-cosmos").await.0,
            200,
            "{sql}"
        );
    }
}
