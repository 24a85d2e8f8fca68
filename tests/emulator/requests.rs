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
async fn connections_are_counted() {
    let emulator = Emulator::start().await.unwrap();
    assert_eq!(emulator.requests().connections, 0);
    let (first, second) = (Wire::new(&emulator), Wire::http2(&emulator));
    for wire in [&first, &second, &first] {
        wire.has("1").await;
    }
    assert_eq!(emulator.requests().connections, 2);
}
