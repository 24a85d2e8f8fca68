//! An emulator with a client of the Cosmos SDK.

use crate::wire::Wire;
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::options::{MaxItemCountHint, QueryOptions, Region};
use azure_data_cosmos::{
    AccountReference, ContainerClient, CosmosClient, CosmosError, Query, RoutingStrategy,
};
use cosmos_emulator::{Emulator, Options};
use futures::StreamExt;
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// Partition of the items tests use when they need one only.
pub(crate) const PARTITION: &str = "a";

pub(crate) async fn start() -> (Emulator, ContainerClient) {
    start_with(Options::default()).await
}

pub(crate) async fn start_with(options: Options) -> (Emulator, ContainerClient) {
    let emulator = Emulator::start_with(options).await.unwrap();
    let container = connect(&emulator, Region::EAST_US).await;
    (emulator, container)
}

/// An emulator to speak HTTP/1.1 to.
pub(crate) async fn start_plain() -> (Emulator, Wire) {
    let emulator = Emulator::start().await.unwrap();
    let wire = Wire::new(&emulator);
    (emulator, wire)
}

/// The container as a program in `region` sees it.
pub(crate) async fn connect(emulator: &Emulator, region: Region) -> ContainerClient {
    custom_handler::tls::install();
    let endpoint = emulator.url().parse().unwrap();
    // The SDK wants base64; the emulator takes anything.
    let account = AccountReference::with_authentication_key(endpoint, "a2V5".to_owned());
    let routing = RoutingStrategy::ProximityTo(region);
    let client = CosmosClient::builder()
        .build(account, routing)
        .await
        .unwrap();
    client
        .database_client("app")
        .container_client("items", None)
        .await
        .unwrap()
}

pub(crate) fn item(id: &str) -> Value {
    json!({ "id": id, "partitionKey": PARTITION })
}

/// `item` with the properties of `more`.
pub(crate) fn with(item: Value, more: Value) -> Value {
    let (Value::Object(mut item), Value::Object(more)) = (item, more) else {
        panic!("items are JSON objects");
    };
    item.extend(more);
    Value::Object(item)
}

pub(crate) async fn create(container: &ContainerClient, item: &Value) {
    let partition = item["partitionKey"].as_str().unwrap().to_owned();
    let id = item["id"].as_str().unwrap();
    container
        .create_item(partition, id, item, None)
        .await
        .unwrap();
}

pub(crate) async fn read(container: &ContainerClient, id: &str) -> Result<Value, CosmosError> {
    container.read_item(PARTITION, id, None).await?.into_model()
}

pub(crate) async fn is_missing(container: &ContainerClient, id: &str) -> bool {
    let read = read(container, id).await;
    read.is_err_and(|error| error.status().is_not_found())
}

/// The ids `query` finds, page after the other.
pub(crate) async fn ids(
    container: &ContainerClient,
    query: impl Into<Query>,
    scope: FeedScope,
    items_per_page: u32,
) -> Vec<String> {
    let options = QueryOptions::default().with_max_item_count(page_size(items_per_page));
    let items = container
        .query_items::<Value>(query, scope, Some(options))
        .await
        .unwrap();
    let items = items.map(|item| item.unwrap()["id"].as_str().unwrap().to_owned());
    items.collect().await
}

pub(crate) fn page_size(items: u32) -> MaxItemCountHint {
    MaxItemCountHint::Limit(NonZeroU32::new(items).unwrap())
}
