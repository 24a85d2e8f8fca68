//! Faults make exactly the chosen requests fail, wait or lose their connection.

use crate::client::{create, item, read, start, start_plain};
use crate::wire::header;
use cosmos_emulator::{DropConnection, Fault, Resource};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn an_injected_error_looks_like_one_of_cosmos() {
    let (emulator, wire) = start_plain().await;
    emulator
        .inject(Fault {
            status: Some(429),
            sub_status: Some(3200),
            retry_after_ms: Some(25),
            ..Fault::default()
        })
        .unwrap();
    let request = wire
        .items(Method::GET, "/1")
        .header("x-ms-activity-id", "the-activity");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    for (name, value) in [
        ("x-ms-substatus", "3200"),
        ("x-ms-retry-after-ms", "25"),
        ("x-ms-activity-id", "the-activity"),
        ("x-ms-request-charge", "0"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(header(&answer, name).as_deref(), Some(value), "{name}");
    }
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "TooManyRequests");
    assert!(body["message"].is_string());
}

#[tokio::test]
async fn the_sdk_retries_a_throttled_request() {
    let (emulator, container) = start().await;
    let throttled = Fault {
        resource: Some(Resource::Item),
        status: Some(429),
        sub_status: Some(3200),
        retry_after_ms: Some(1),
        times: Some(2),
        ..Fault::default()
    };
    let id = emulator.inject(throttled).unwrap();
    create(&container, &item("1")).await;
    assert!(read(&container, "1").await.is_ok());
    assert!(
        emulator
            .faults()
            .iter()
            .any(|state| state.id == id && state.fired == 2)
    );
}

#[tokio::test]
async fn a_fault_is_only_for_the_requests_it_describes() {
    let (emulator, wire) = start_plain().await;
    emulator.create_container("app", "other").await.unwrap();
    wire.create(&item("1")).await.unwrap();
    wire.create(&item("2")).await.unwrap();
    let status = async |fault: Value| {
        let fault = serde_json::from_value::<Fault>(fault).unwrap();
        let id = emulator
            .inject(Fault {
                status: Some(503),
                ..fault
            })
            .unwrap();
        let status = wire.read("1").await.unwrap().status().as_u16();
        emulator.remove_fault(id);
        status
    };
    for hit in [
        json!({}),
        json!({ "method": "GET" }),
        json!({ "resource": "item" }),
        json!({ "database": "app" }),
        json!({ "container": "items" }),
        json!({ "itemId": "1" }),
        json!({ "region": "East US" }),
        json!({ "method": "GET", "resource": "item", "container": "items", "itemId": "1" }),
    ] {
        assert_eq!(status(hit.clone()).await, 503, "{hit}");
    }
    for miss in [
        json!({ "method": "POST" }),
        json!({ "resource": "query" }),
        json!({ "database": "other" }),
        json!({ "container": "other" }),
        json!({ "itemId": "2" }),
        json!({ "itemId": "1", "method": "DELETE" }),
    ] {
        assert_eq!(status(miss.clone()).await, 200, "{miss}");
    }
}

#[tokio::test]
async fn a_fault_can_name_an_item_that_is_in_the_body_only() {
    let (emulator, wire) = start_plain().await;
    let fault = Fault {
        item_id: Some("1".into()),
        status: Some(503),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();
    assert_eq!(wire.create(&item("1")).await.unwrap().status(), 503);
    assert_eq!(wire.create(&item("2")).await.unwrap().status(), 201);

    let create = |id| json!({ "operationType": "Create", "resourceBody": item(id) });
    let delete = |id| json!({ "operationType": "Delete", "id": id });
    assert_eq!(
        wire.batch(&json!([create("3"), create("1")]))
            .await
            .status(),
        503
    );
    assert_eq!(
        wire.batch(&json!([create("3"), delete("1")]))
            .await
            .status(),
        503
    );
    assert_eq!(
        wire.batch(&json!([create("3"), delete("2")]))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_fault_finds_an_item_in_the_binary_body_of_the_sdk() {
    let (emulator, container) = start().await;
    let fault = Fault {
        item_id: Some("1".into()),
        method: Some("POST".into()),
        status: Some(400),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();
    let refused = container.create_item("a", "1", &item("1"), None).await;
    assert!(refused.unwrap_err().status().is_bad_request());
    create(&container, &item("2")).await;
}

#[tokio::test]
async fn a_fault_skips_some_requests_and_ends_after_others() {
    let (emulator, wire) = start_plain().await;
    let fault = Fault {
        status: Some(503),
        skip: 1,
        times: Some(2),
        ..Fault::default()
    };
    let id = emulator.inject(fault).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(wire.read("1").await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [404, 503, 503, 404, 404]);
    let state = emulator
        .faults()
        .into_iter()
        .find(|state| state.id == id)
        .unwrap();
    assert_eq!(state.fired, 2);
}

#[tokio::test]
async fn of_two_faults_the_first_that_still_fires_counts() {
    let (emulator, wire) = start_plain().await;
    emulator
        .inject(Fault {
            status: Some(503),
            times: Some(1),
            ..Fault::default()
        })
        .unwrap();
    emulator
        .inject(Fault {
            status: Some(408),
            ..Fault::default()
        })
        .unwrap();
    assert_eq!(wire.read("1").await.unwrap().status(), 503);
    assert_eq!(wire.read("1").await.unwrap().status(), 408);
    emulator.clear_faults();
    assert_eq!(wire.read("1").await.unwrap().status(), 404);
    assert!(emulator.faults().is_empty());
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let (emulator, _wire) = start_plain().await;
    let status = Some(503);
    for (field, fault) in [
        ("status", Fault::default()),
        (
            "status",
            Fault {
                status: Some(200),
                ..Fault::default()
            },
        ),
        (
            "subStatus",
            Fault {
                sub_status: Some(1),
                hold: true,
                ..Fault::default()
            },
        ),
        (
            "retryAfterMs",
            Fault {
                retry_after_ms: Some(1),
                hold: true,
                ..Fault::default()
            },
        ),
        (
            "times",
            Fault {
                status,
                times: Some(0),
                ..Fault::default()
            },
        ),
        (
            "drop",
            Fault {
                status,
                drop: Some(DropConnection::After),
                ..Fault::default()
            },
        ),
        (
            "method",
            Fault {
                status,
                method: Some("get".into()),
                ..Fault::default()
            },
        ),
        (
            "region",
            Fault {
                status,
                region: Some("Mars".into()),
                ..Fault::default()
            },
        ),
    ] {
        let message = emulator.inject(fault).unwrap_err().to_string();
        assert!(message.starts_with(field), "{message}");
    }
    assert!(emulator.faults().is_empty());
}
