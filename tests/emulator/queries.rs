//! The queries this project uses, through the SDK, over several physical partitions.

use crate::client::{PARTITION, create, ids, item, page_size, start, with};
use azure_data_cosmos::feed::FeedScope;
use azure_data_cosmos::options::QueryOptions;
use azure_data_cosmos::{ContainerClient, Query};
use cosmos_emulator::{Emulator, RequestFilter, Resource};
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;

fn query(text: &'static str, value: &str) -> Query {
    Query::from(text).with_parameter("@value", value).unwrap()
}

async fn projects() -> (Emulator, ContainerClient) {
    let (emulator, container) = start().await;
    for (id, name, created_at, tags) in [
        ("1", "Beta", "2026-01-02", vec!["x"]),
        ("2", "alpha", "2026-01-01", vec!["x", "y"]),
        ("3", "Gamma", "2026-01-02", vec![]),
        ("4", "betamax", "2026-01-03", vec!["y"]),
    ] {
        let properties = json!({ "name": name, "createdAt": created_at, "tags": tags });
        create(&container, &with(item(id), properties)).await;
    }
    (emulator, container)
}

#[tokio::test]
async fn items_can_be_ordered_by_two_properties() {
    let (_emulator, container) = projects().await;
    let partition = || FeedScope::partition(PARTITION);
    let ascending = "SELECT VALUE c FROM c ORDER BY c.createdAt ASC, c.id ASC";
    assert_eq!(
        ids(&container, ascending, partition(), 2).await,
        ["2", "1", "3", "4"]
    );
    let descending = "SELECT VALUE c FROM c ORDER BY c.createdAt DESC, c.id DESC";
    assert_eq!(
        ids(&container, descending, partition(), 2).await,
        ["4", "3", "1", "2"]
    );
}

#[tokio::test]
async fn a_list_can_go_on_behind_its_last_item() {
    let (_emulator, container) = projects().await;
    let behind = Query::from(
        "SELECT VALUE c FROM c WHERE c.createdAt > @at OR (c.createdAt = @at AND c.id > @id) \
         ORDER BY c.createdAt ASC, c.id ASC",
    );
    let behind = behind.with_parameter("@at", "2026-01-02").unwrap();
    let behind = behind.with_parameter("@id", "1").unwrap();
    assert_eq!(
        ids(&container, behind, FeedScope::partition(PARTITION), 10).await,
        ["3", "4"]
    );
}

#[tokio::test]
async fn items_can_be_found_by_text_and_by_array_element() {
    let (_emulator, container) = projects().await;
    for (text, value, expected) in [
        (
            "SELECT VALUE c FROM c WHERE CONTAINS(c.name, @value, true) ORDER BY c.id",
            "BETA",
            vec!["1", "4"],
        ),
        (
            "SELECT VALUE c FROM c WHERE CONTAINS(c.name, @value) ORDER BY c.id",
            "beta",
            vec!["4"],
        ),
        (
            "SELECT VALUE c FROM c WHERE STARTSWITH(c.name, @value) ORDER BY c.id",
            "Be",
            vec!["1"],
        ),
        (
            "SELECT VALUE c FROM c WHERE STARTSWITH(c.name, @value, true) ORDER BY c.id",
            "be",
            vec!["1", "4"],
        ),
        (
            "SELECT VALUE c FROM c WHERE ARRAY_CONTAINS(c.tags, @value) ORDER BY c.id",
            "y",
            vec!["2", "4"],
        ),
    ] {
        let found = ids(
            &container,
            query(text, value),
            FeedScope::partition(PARTITION),
            10,
        )
        .await;
        assert_eq!(found, expected, "{text}");
    }
}

#[tokio::test]
async fn items_of_all_partitions_can_be_found_by_array_element_in_order() {
    let (emulator, container) = start().await;
    for number in 0..40 {
        let id = format!("{number:02}");
        let member = if number % 2 == 0 { "even" } else { "odd" };
        let members = json!([{ "userId": member }, { "userId": "all" }]);
        // The partitions' order is not the ids'.
        let workspace = json!({ "id": id, "partitionKey": id, "members": members });
        create(&container, &workspace).await;
    }
    emulator.reset_requests();
    let of_member = query(
        "SELECT VALUE c FROM c JOIN m IN c.members WHERE m.userId = @value ORDER BY c.id",
        "odd",
    );
    let found = ids(&container, of_member, FeedScope::full_container(), 5).await;
    let expected: Vec<String> = (1..40)
        .step_by(2)
        .map(|number| format!("{number:02}"))
        .collect();
    assert_eq!(found, expected);

    let queries = RequestFilter {
        resource: Some(Resource::Query),
        ..RequestFilter::default()
    };
    assert!(
        emulator.requests_matching(&queries).total >= 4,
        "each physical partition is asked"
    );
}

#[tokio::test]
async fn a_query_goes_on_while_a_partition_is_split() {
    let (emulator, container) = start().await;
    for number in 0..20 {
        let id = number.to_string();
        create(&container, &json!({ "id": id, "partitionKey": id })).await;
    }
    let page = QueryOptions::default().with_max_item_count(page_size(2));
    let everything = ("SELECT * FROM c", FeedScope::full_container());
    let items = container.query_items::<Value>(everything.0, everything.1, Some(page));
    let mut items = items.await.unwrap();
    items.next().await.unwrap().unwrap();

    let store = emulator.store();
    for partition in 0..4 {
        let middle = store.midpoint_split_epk("app", "items", partition).unwrap();
        let split =
            store.split_partition_and_wait("app", "items", partition, middle, Duration::ZERO);
        split.await.unwrap();
    }
    assert_eq!(items.map(Result::unwrap).count().await, 19);
}
