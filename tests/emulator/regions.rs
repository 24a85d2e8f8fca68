//! Accounts with several regions.

use crate::client::{connect, create, item, read};
use crate::wire::{Wire, header};
use azure_data_cosmos::options::Region;
use cosmos_emulator::{Emulator, Fault, Options, RequestFilter, Resource};
use reqwest::{Client, Method};
use serde_json::Value;

const EAST: &str = "East US";
const WEST: &str = "West US";

async fn start() -> Emulator {
    let regions = [EAST, WEST].map(str::to_owned).to_vec();
    Emulator::start_with(Options {
        regions,
        ..Options::default()
    })
    .await
    .unwrap()
}

fn west(emulator: &Emulator) -> Wire {
    Wire::to(emulator.region_url(WEST).unwrap(), Client::builder())
}

fn items(emulator: &Emulator, method: &str, region: &str) -> u64 {
    let filter = RequestFilter {
        method: Some(method.into()),
        resource: Some(Resource::Item),
        region: Some(region.into()),
        ..RequestFilter::default()
    };
    emulator.requests_matching(&filter).total
}

#[tokio::test]
async fn each_region_has_its_own_endpoint() {
    let emulator = start().await;
    assert_eq!(emulator.region_url(EAST), Some(emulator.url()));
    assert_eq!(emulator.region_url("Mars"), None);
    let account = Wire::new(&emulator).get_json("/").await;
    let endpoints = |kind: &str| -> Vec<String> {
        let locations = account[kind].as_array().unwrap().iter();
        let endpoints = locations.map(|location: &Value| &location["databaseAccountEndpoint"]);
        endpoints
            .map(|url| url.as_str().unwrap().trim_end_matches('/').to_owned())
            .collect()
    };
    let west = emulator.region_url(WEST).unwrap();
    assert_eq!(endpoints("writableLocations"), [emulator.url()]);
    assert_eq!(endpoints("readableLocations"), [emulator.url(), west]);
}

#[tokio::test]
async fn reads_go_to_the_nearest_region_and_writes_to_the_first() {
    let emulator = start().await;
    let container = connect(&emulator, Region::WEST_US).await;
    create(&container, &item("1")).await;
    read(&container, "1").await.unwrap();
    assert_eq!(
        (
            items(&emulator, "POST", EAST),
            items(&emulator, "POST", WEST)
        ),
        (1, 0)
    );
    assert_eq!(
        (items(&emulator, "GET", EAST), items(&emulator, "GET", WEST)),
        (0, 1)
    );
}

#[tokio::test]
async fn a_region_that_does_not_take_writes_says_so() {
    let emulator = start().await;
    let refused = west(&emulator).create(&item("1")).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(header(&refused, "x-ms-substatus").as_deref(), Some("3"));
}

#[tokio::test]
async fn a_region_that_is_offline_does_not_answer() {
    let emulator = start().await;
    let container = connect(&emulator, Region::WEST_US).await;
    create(&container, &item("1")).await;
    emulator.store().set_region_offline(WEST).unwrap();
    assert!(west(&emulator).read("1").await.unwrap_err().is_request());
    // The SDK finds the other region.
    assert!(read(&container, "1").await.is_ok());
    emulator.store().set_region_online(WEST).unwrap();
    assert!(west(&emulator).has("1").await);
}

#[tokio::test]
async fn writes_follow_a_failover() {
    let emulator = start().await;
    let container = connect(&emulator, Region::EAST_US).await;
    create(&container, &item("1")).await;
    emulator.store().set_write_region(WEST).unwrap();
    create(&container, &item("2")).await;
    assert_eq!(items(&emulator, "POST", WEST), 1);
    emulator
        .create_database("created-after-the-failover")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_fault_can_be_for_one_region() {
    let emulator = start().await;
    let fault = Fault {
        region: Some(WEST.into()),
        status: Some(503),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();
    let account = |wire: Wire| async move {
        wire.request(Method::GET, "/")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(account(west(&emulator)).await, 503);
    assert_eq!(account(Wire::new(&emulator)).await, 200);
}
