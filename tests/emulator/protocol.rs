//! What any Cosmos client may send.

use crate::client::{item, start_plain};
use crate::wire::{ITEMS, Wire, header};
use cosmos_emulator::{Emulator, Options};
use reqwest::{Method, Version};
use serde_json::{Value, json};

#[tokio::test]
async fn both_versions_of_http_share_a_port() {
    let emulator = Emulator::start().await.unwrap();
    for (wire, version) in [
        (Wire::new(&emulator), Version::HTTP_11),
        (Wire::http2(&emulator), Version::HTTP_2),
    ] {
        let account = wire.request(Method::GET, "/").send().await.unwrap();
        assert_eq!(account.version(), version);
        assert_eq!(account.status(), 200);
    }
}

#[tokio::test]
async fn a_trailing_slash_makes_no_difference() {
    let (_emulator, wire) = start_plain().await;
    let created = wire
        .items(Method::POST, "/")
        .json(&item("1"))
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201);
    let read = wire.items(Method::GET, "/1/").send().await.unwrap();
    assert_eq!(read.status(), 200);
    assert_eq!(wire.get_json("/dbs/app/colls/items/").await["id"], "items");
}

#[tokio::test]
async fn an_id_keeps_its_special_characters() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("a b+c%é|1")).await.unwrap();
    let read = wire.read("a%20b%2Bc%25%C3%A9%7C1").await.unwrap();
    assert_eq!(read.json::<Value>().await.unwrap()["id"], "a b+c%é|1");
}

#[tokio::test]
async fn a_partition_key_may_have_letters_outside_ascii() {
    let (_emulator, wire) = start_plain().await;
    for (id, partition_key) in [
        ("1", r#"["Zo\u00eb"]"#.as_bytes()),
        ("2", "[\"Zoë\"]".as_bytes()),
    ] {
        let item = json!({ "id": id, "partitionKey": "Zoë" });
        let request = wire.request(Method::POST, ITEMS).json(&item);
        let request = request.header("x-ms-documentdb-partitionkey", partition_key);
        assert_eq!(request.send().await.unwrap().status(), 201, "{id}");
    }
}

#[tokio::test]
async fn the_host_header_does_not_matter() {
    let (_emulator, wire) = start_plain().await;
    for host in ["localhost:8081", "account.documents.azure.com"] {
        let account = wire
            .request(Method::GET, "/")
            .header("host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(account.status(), 200, "{host}");
    }
}

#[tokio::test]
async fn a_list_goes_on_by_its_continuation() {
    let (_emulator, wire) = start_plain().await;
    for id in ["1", "2", "3"] {
        wire.create(&item(id)).await.unwrap();
    }
    let query = json!({ "query": "SELECT VALUE c.id FROM c", "parameters": [] });
    let (mut found, mut continuation) = (Vec::new(), Some(String::new()));
    while let Some(token) = continuation {
        let request = wire
            .items(Method::POST, "")
            .header("x-ms-max-item-count", "2");
        let request = request
            .header("x-ms-documentdb-isquery", "True")
            .json(&query);
        let request = match token.as_str() {
            "" => request,
            token => request.header("x-ms-continuation", token),
        };
        let answer = request.send().await.unwrap();
        continuation = header(&answer, "x-ms-continuation");
        let page: Value = answer.json().await.unwrap();
        found.push(page["Documents"].as_array().unwrap().len());
    }
    assert_eq!(found, [2, 1]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let (_emulator, wire) = start_plain().await;
    for megabytes in [3, 5] {
        let large = json!({ "id": "1", "partitionKey": "a", "text": "x".repeat(megabytes << 20) });
        let refused = wire.create(&large).await.unwrap();
        assert_eq!(refused.status(), 413, "{megabytes} MB");
        assert_eq!(
            refused.json::<Value>().await.unwrap()["code"],
            "RequestEntityTooLarge"
        );
    }
    assert!(!wire.has("1").await);
}

#[tokio::test]
async fn what_cosmos_does_not_know_is_refused() {
    let (_emulator, wire) = start_plain().await;
    let options = wire.request(Method::OPTIONS, ITEMS).send().await.unwrap();
    assert_eq!(options.status(), 405);
    let unknown = wire
        .request(Method::GET, "/nothing/here")
        .send()
        .await
        .unwrap();
    assert!(unknown.status().is_client_error() || unknown.status().is_server_error());
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let first = Emulator::start().await.unwrap();
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    let second = Emulator::start_with(Options {
        port,
        ..Options::default()
    })
    .await;
    let error = format!("{:#}", second.unwrap_err());
    assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
}
