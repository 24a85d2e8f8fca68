//! Data that is kept from one start to the next.

use crate::client::{item, with};
use crate::wire::Wire;
use cosmos_emulator::{Emulator, Options};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const HOUR: u64 = 3600;

async fn start(folder: &Path) -> (Emulator, Wire) {
    let options = Options {
        keep: Some(folder.to_owned()),
        ..Options::default()
    };
    let emulator = Emulator::start_with(options).await.unwrap();
    let wire = Wire::new(&emulator);
    (emulator, wire)
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("cosmos.json")
}

fn kept(folder: &TempDir) -> Value {
    serde_json::from_str(&fs::read_to_string(file(folder)).unwrap()).unwrap()
}

#[tokio::test]
async fn items_and_containers_are_there_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let ada = with(
        item("1"),
        json!({ "name": "Ada", "tags": ["é", { "deep": [1.5, null] }] }),
    );
    {
        let (emulator, wire) = start(folder.path()).await;
        wire.create(&ada).await.unwrap();
        emulator.create_database("other").await.unwrap();
        let things = r#"{"id": "things", "partitionKey": {"paths": ["/owner"], "kind": "Hash"}, "defaultTtl": 60}"#;
        let (status, _) = wire
            .send_json(Method::POST, "/dbs/other/colls", things)
            .await;
        assert_eq!(status, 201);
        emulator.keep().await.unwrap();
    }
    let (_emulator, wire) = start(folder.path()).await;
    let found: Value = wire.read("1").await.unwrap().json().await.unwrap();
    for (name, value) in ada.as_object().unwrap() {
        assert_eq!(found[name], *value, "{name}");
    }
    let things = wire.get_json("/dbs/other/colls/things").await;
    assert_eq!(things["defaultTtl"], 60);
    assert_eq!(things["partitionKey"]["paths"], json!(["/owner"]));
}

#[tokio::test]
async fn a_change_is_kept_without_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (_emulator, wire) = start(folder.path()).await;
    wire.create(&item("1")).await.unwrap();
    while !file(&folder).exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let items = &kept(&folder)["app"]["items"]["items"];
    assert_eq!(items[0]["id"], "1");
    assert!(items[0].get("_etag").is_none(), "{items}");
}

#[tokio::test]
async fn the_file_is_whole_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (emulator, wire) = start(folder.path()).await;
    let large = "x".repeat(500_000);
    wire.create(&with(item("0"), json!({ "large": large })))
        .await
        .unwrap();
    emulator.keep().await.unwrap();
    let path = file(&folder);
    let reader = std::thread::spawn(move || {
        for _ in 0..300 {
            let text = fs::read_to_string(&path).unwrap();
            serde_json::from_str::<Value>(&text).unwrap();
        }
    });
    for id in 1..20 {
        wire.create(&item(&id.to_string())).await.unwrap();
        emulator.keep().await.unwrap();
    }
    reader.join().unwrap();
}

#[tokio::test]
async fn an_item_expires_when_it_would_have_without_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    {
        let (emulator, wire) = start(folder.path()).await;
        for id in ["young", "old", "gone"] {
            let expiring = with(item(id), json!({ "ttl": HOUR }));
            wire.create(&expiring).await.unwrap();
        }
        emulator.keep().await.unwrap();
    }
    let mut data = kept(&folder);
    for item in data["app"]["items"]["items"].as_array_mut().unwrap() {
        let age = match item["id"].as_str().unwrap() {
            "young" => 0,
            "old" => HOUR / 2,
            _ => HOUR,
        };
        item["_ts"] = json!(item["_ts"].as_u64().unwrap() - age);
    }
    fs::write(file(&folder), data.to_string()).unwrap();

    let (emulator, wire) = start(folder.path()).await;
    assert_eq!(wire.read("gone").await.unwrap().status(), 404);
    assert_eq!(wire.read("old").await.unwrap().status(), 200);
    emulator.advance_clock(Duration::from_secs(HOUR / 2));
    assert_eq!(wire.read("old").await.unwrap().status(), 404);
    assert_eq!(wire.read("young").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(&folder), "{").unwrap();
    let options = Options {
        keep: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let error = Emulator::start_with(options).await.unwrap_err();
    assert!(format!("{error:#}").contains("cosmos.json"), "{error:#}");
    assert_eq!(fs::read_to_string(file(&folder)).unwrap(), "{");
}
