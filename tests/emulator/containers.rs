//! The container is the one Bicep deploys, and an emulator can have more of them.

use crate::client::{item, start_plain, start_with};
use crate::wire::{ITEMS, Wire, header};
use cosmos_emulator::{Emulator, Options};
use reqwest::Method;
use serde_json::{Value, json};

const DEFINITION: &str = include_str!("../../infra/container.json");

fn is_as_defined(container: &Value) -> bool {
    let definition: Value = serde_json::from_str(DEFINITION).unwrap();
    let properties = definition.as_object().unwrap();
    !properties.is_empty()
        && properties
            .iter()
            .all(|(name, value)| container[name] == *value)
}

#[tokio::test]
async fn the_container_is_defined_by_the_file_that_bicep_deploys() {
    let emulator = Emulator::start().await.unwrap();
    let container = Wire::new(&emulator).get_json("/dbs/app/colls/items").await;
    assert!(is_as_defined(&container), "{container:#}");
}

#[tokio::test]
async fn further_databases_and_containers_can_be_created() {
    let emulator = Emulator::start().await.unwrap();
    emulator.create_database("other").await.unwrap();
    emulator.create_container("other", "things").await.unwrap();
    let container = Wire::new(&emulator)
        .get_json("/dbs/other/colls/things")
        .await;
    assert!(is_as_defined(&container), "{container:#}");
}

#[tokio::test]
async fn what_exists_already_is_not_created_again() {
    let (emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    assert!(emulator.create_database("app").await.is_err());
    assert!(emulator.create_container("app", "items").await.is_err());
    assert!(
        emulator
            .create_container("no-such-database", "items")
            .await
            .is_err()
    );
    assert!(wire.has("1").await);
}

#[tokio::test]
async fn what_is_missing_one_level_higher_is_told_apart() {
    let (_emulator, wire) = start_plain().await;
    for (path, sub_status) in [
        ("/dbs/elsewhere/colls/items", Some("1003")),
        ("/dbs/app/colls/elsewhere", None),
        ("/dbs/app/colls/elsewhere/docs/1", Some("1003")),
        ("/dbs/app/colls/items/docs/1", None),
    ] {
        let read = wire.request(Method::GET, path);
        let read = read.header("x-ms-documentdb-partitionkey", r#"["a"]"#);
        let read = read.send().await.unwrap();
        assert_eq!(read.status(), 404, "{path}");
        let found = header(&read, "x-ms-substatus").filter(|found| found != "0");
        assert_eq!(found.as_deref(), sub_status, "{path}");
    }
}

#[tokio::test]
async fn a_container_has_as_many_partitions_as_asked_for() {
    for partitions in [1, 7] {
        let options = Options {
            partitions,
            ..Options::default()
        };
        let (emulator, _container) = start_with(options).await;
        let ranges = Wire::new(&emulator)
            .get_json("/dbs/app/colls/items/pkranges")
            .await;
        assert_eq!(
            ranges["PartitionKeyRanges"].as_array().unwrap().len(),
            partitions as usize
        );
    }
}

#[tokio::test]
async fn throughput_is_limited_when_asked_for() {
    let options = Options {
        throughput: Some(400),
        partitions: 1,
        ..Options::default()
    };
    let emulator = Emulator::start_with(options).await.unwrap();
    let wire = Wire::new(&emulator);
    // A kilobyte costs about 6 RU, so the second's 400 RU are used up after some 70 of them.
    let throttled = loop {
        let upsert = wire
            .items(Method::POST, "")
            .header("x-ms-documentdb-is-upsert", "True");
        let response = upsert.json(&item("1")).send().await.unwrap();
        if !response.status().is_success() {
            break response;
        }
    };
    assert_eq!(throttled.status(), 429);
    assert_eq!(
        header(&throttled, "x-ms-substatus").as_deref(),
        Some("3200")
    );
    assert!(header(&throttled, "x-ms-retry-after-ms").is_some());
}

#[tokio::test]
async fn options_out_of_their_range_are_refused() {
    let no_partition = Options {
        partitions: 0,
        ..Options::default()
    };
    let too_little = Options {
        throughput: Some(100),
        ..Options::default()
    };
    let no_region = Options {
        regions: Vec::new(),
        ..Options::default()
    };
    for options in [no_partition, too_little, no_region] {
        assert!(Emulator::start_with(options).await.is_err());
    }
}

#[tokio::test]
async fn a_container_can_be_created_over_the_wire() {
    let (_emulator, wire) = start_plain().await;
    let definition = json!({ "id": "other", "partitionKey": { "paths": ["/id"] } });
    let created = wire
        .request(Method::POST, "/dbs/app/colls")
        .json(&definition)
        .send()
        .await;
    assert_eq!(created.unwrap().status(), 201);
    assert_eq!(wire.get_json("/dbs/app/colls/other").await["id"], "other");
    assert_eq!(wire.get_json(ITEMS).await["_count"], 0);
}
