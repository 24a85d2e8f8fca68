//! Every request is counted once, with what its answer was charged.

use crate::client::{PARTITION, create, ids, item, read, start, start_plain, with};
use crate::wire::{Wire, header};
use azure_data_cosmos::feed::FeedScope;
use cosmos_emulator::{DropConnection, Emulator, Fault, RequestFilter, Requests, Resource};
use serde_json::json;
use std::time::Duration;

fn about(emulator: &Emulator, resource: Resource) -> Requests {
    let filter = RequestFilter {
        resource: Some(resource),
        ..RequestFilter::default()
    };
    emulator.requests_matching(&filter)
}

#[tokio::test]
async fn requests_are_counted_by_what_they_are_about() {
    let (emulator, container) = start().await;
    emulator.reset_requests();
    create(&container, &item("1")).await;
    read(&container, "1").await.unwrap();
    read(&container, "1").await.unwrap();
    ids(
        &container,
        "SELECT * FROM c",
        FeedScope::partition(PARTITION),
        10,
    )
    .await;

    assert_eq!(about(&emulator, Resource::Item).total, 3);
    assert_eq!(about(&emulator, Resource::Query).total, 1);
    let reads = RequestFilter {
        method: Some("GET".into()),
        resource: Some(Resource::Item),
        container: Some("items".into()),
        ..RequestFilter::default()
    };
    assert_eq!(emulator.requests_matching(&reads).total, 2);
    let elsewhere = RequestFilter {
        database: Some("other".into()),
        ..RequestFilter::default()
    };
    assert_eq!(
        emulator.requests_matching(&elsewhere),
        Requests {
            connections: emulator.requests().connections,
            ..Requests::default()
        }
    );
}

#[tokio::test]
async fn charges_add_up_to_what_the_answers_said() {
    let (emulator, wire) = start_plain().await;
    let mut charged = 0.0;
    for answer in [
        wire.create(&item("1")).await,
        wire.read("1").await,
        wire.read("2").await,
    ] {
        let charge = header(&answer.unwrap(), "x-ms-request-charge").unwrap();
        charged += charge.parse::<f64>().unwrap();
    }
    assert!(charged > 5.0);
    assert!((emulator.request_charge() - charged).abs() < 0.001);
    emulator.reset_requests();
    assert_eq!(emulator.requests(), Requests::default());
}

#[tokio::test]
async fn requests_count_whatever_a_fault_does_to_them() {
    let (emulator, wire) = start_plain().await;
    emulator
        .inject(Fault {
            status: Some(503),
            times: Some(1),
            ..Fault::default()
        })
        .unwrap();
    let lost = Fault {
        drop: Some(DropConnection::Before),
        ..Fault::default()
    };
    emulator.inject(lost).unwrap();
    wire.create(&item("1")).await.unwrap();
    wire.create(&item("1")).await.unwrap_err();
    assert_eq!(emulator.requests().total, 2);
    assert!(emulator.request_charge().abs() < f64::EPSILON);
}

#[tokio::test]
async fn expiring_an_item_is_neither_counted_nor_charged_nor_subject_to_faults() {
    let (emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "ttl": 60 })))
        .await
        .unwrap();
    assert_eq!(emulator.requests().total, 1);
    emulator.advance_clock(Duration::from_mins(1));
    emulator.reset_requests();
    let fault = Fault {
        method: Some("DELETE".into()),
        status: Some(503),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();

    let gone = wire.read("1").await.unwrap();
    assert_eq!(gone.status(), 404);
    let charge: f64 = header(&gone, "x-ms-request-charge")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(emulator.requests().total, 1);
    assert!((emulator.request_charge() - charge).abs() < 0.001);
    assert_eq!(emulator.faults()[0].fired, 0);
}

#[tokio::test]
async fn requests_to_items_can_be_recorded_one_by_one() {
    let (emulator, container) = start().await;
    read(&container, "0").await.unwrap_err();
    emulator.start_recording();
    create(&container, &item("1")).await;
    let text = "SELECT * FROM c";
    for scope in [FeedScope::partition(PARTITION), FeedScope::full_container()] {
        ids(&container, text, scope, 10).await;
    }
    let recorded = emulator.stop_recording();
    read(&container, "1").await.unwrap();
    assert!(emulator.stop_recording().is_empty());

    let (created, queries) = recorded.split_first().unwrap();
    assert_eq!(created.method, "POST");
    assert_eq!(created.resource, Resource::Item);
    assert_eq!(created.query, None);
    let in_partition = |key: Option<&str>| {
        let queries = queries.iter().filter(|q| q.resource == Resource::Query);
        let queries = queries.filter(|q| q.partition_key.as_deref() == key);
        queries.filter(|q| q.page_size == Some(10)).count()
    };
    assert_eq!(in_partition(Some("[\"a\"]")), 1);
    assert_eq!(in_partition(None), 4, "each physical partition is asked");
    let mut texts = queries.iter().filter_map(|q| q.query.as_deref());
    assert!(texts.all(|sent| sent.starts_with(text)));
}

#[tokio::test]
async fn connections_are_counted() {
    let emulator = Emulator::start().await.unwrap();
    assert_eq!(emulator.requests().connections, 0);
    let (first, second) = (Wire::new(&emulator), Wire::http2(&emulator));
    for wire in [&first, &second, &first] {
        wire.has("1").await;
    }
    assert_eq!(emulator.requests().connections, 2);
}
