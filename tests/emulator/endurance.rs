//! Whatever a client sends gets an answer, and the emulator goes on.

use crate::client::{item, start_plain, with};
use crate::wire::Wire;
use cosmos_emulator::Emulator;
use reqwest::Method;
use serde_json::json;

async fn items() -> (Emulator, Wire) {
    let (emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "n": 7 })))
        .await
        .unwrap();
    (emulator, wire)
}

#[tokio::test]
async fn no_query_ends_the_emulator() {
    let (_emulator, wire) = items().await;
    let thousand = |term: &str| vec![term; 1_000].join(" ");
    let half = |start: &str, end: &str| format!("{}1{}", start.repeat(10_000), end.repeat(10_000));
    for filter in [
        format!("{} c.n = 7", thousand("c.n = 9 OR")),
        format!("{} c.n = 7", thousand("c.n = 9 OR").repeat(20)),
        format!("c.n = 0 {}", thousand("+ 1").repeat(4)),
        format!("c.n = 0 {}", thousand("+ 1").repeat(40)),
        format!("{} true", thousand("NOT").repeat(4)),
        format!("{} true", thousand("NOT").repeat(40)),
        format!("c.n = {} 1", thousand("- ").repeat(4)),
        format!("c{} = 1", ".a".repeat(4_000)),
        format!("c{} = 1", ".a".repeat(40_000)),
        format!("c.n = {}", half("(", ")")),
        format!("c.n = {}", half("[", "]")),
        format!("c.n = {}", half("{a:", "}")),
        format!("c.n = {}", half("ABS(", ")")),
        format!("{} IN (1)", half("(", " IN (1))")),
        format!(
            "{} BETWEEN 1 AND 2",
            "(".repeat(14) + "1" + &" BETWEEN 1 AND 2)".repeat(14)
        ),
        format!("c.n IN ({})", vec!["1"; 20_000].join(", ")),
        "c.n = ".to_owned() + &"1".repeat(100_000),
        "ARRAY_SLICE([1, 2], 1, 1e300) = [2]".to_owned(),
    ] {
        let sql = format!("SELECT VALUE c.id FROM c WHERE {filter}");
        let (status, answer) = wire.query(&sql).await;
        assert!(
            matches!(status, 200 | 400 | 500),
            "{status} {answer}: {}",
            &filter[..filter.len().min(60)]
        );
    }
    for condition in [
        format!("{} true", thousand("NOT").repeat(4)),
        format!("{} c.n = 7", thousand("c.n = 9 OR").repeat(4)),
    ] {
        let patch = json!({
            "condition": format!("from c where {condition}"),
            "operations": [{ "op": "set", "path": "/n", "value": 8 }],
        });
        assert_eq!(wire.patch("1", &patch).await, 400);
    }
    let (status, found) = wire
        .query(&format!(
            "SELECT VALUE c.id FROM c WHERE {} c.n = 7",
            thousand("c.n = 9 OR")
        ))
        .await;
    assert_eq!((status, found), (200, json!(["1"])));
    assert_eq!(wire.read("1").await.unwrap().status(), 200);
}

#[tokio::test]
async fn no_body_ends_the_emulator() {
    let (_emulator, wire) = items().await;
    let deep = "[".repeat(200_000);
    for (method, path) in [
        (Method::POST, ""),
        (Method::PUT, "/1"),
        (Method::PATCH, "/1"),
    ] {
        for marker in [
            "",
            "x-ms-cosmos-is-batch-request",
            "x-ms-documentdb-isquery",
        ] {
            let mut request = wire.items(method.clone(), path).body(deep.clone());
            if !marker.is_empty() {
                request = request.header(marker, "True");
            }
            let answer = request.send().await.unwrap();
            assert!(
                answer.status().is_client_error(),
                "{method} {path} {marker}"
            );
        }
    }
    assert_eq!(wire.read("1").await.unwrap().status(), 200);
}
