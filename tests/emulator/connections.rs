//! Faults that keep a request waiting or take its connection away.

use crate::client::{create, item, read, start, start_plain};
use crate::wire::{Wire, header};
use cosmos_emulator::{DropConnection, Fault};
use reqwest::Method;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_delayed_request_is_answered_later() {
    let (emulator, wire) = start_plain().await;
    let fault = Fault {
        delay_ms: Some(40),
        status: Some(503),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();
    let begin = Instant::now();
    assert_eq!(wire.read("1").await.unwrap().status(), 503);
    assert!(begin.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_connection_lost_before_the_write_leaves_nothing() {
    let (emulator, http1) = start_plain().await;
    let fault = Fault {
        drop: Some(DropConnection::Before),
        ..Fault::default()
    };
    for wire in [http1, Wire::http2(&emulator)] {
        let id = emulator.inject(fault.clone()).unwrap();
        assert!(wire.create(&item("1")).await.unwrap_err().is_request());
        emulator.remove_fault(id);
        assert!(!wire.has("1").await);
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_write_leaves_it_done() {
    let (emulator, http1) = start_plain().await;
    let fault = Fault {
        drop: Some(DropConnection::After),
        ..Fault::default()
    };
    for (id, wire) in [("1", http1), ("2", Wire::http2(&emulator))] {
        let fault = emulator.inject(fault.clone()).unwrap();
        assert!(wire.create(&item(id)).await.unwrap_err().is_request());
        emulator.remove_fault(fault);
        assert!(wire.has(id).await);
    }
    assert!(emulator.request_charge() > 0.0);
}

#[tokio::test]
async fn the_sdk_repeats_a_read_whose_connection_was_lost() {
    let (emulator, container) = start().await;
    create(&container, &item("1")).await;
    let fault = Fault {
        method: Some("GET".into()),
        drop: Some(DropConnection::Before),
        times: Some(1),
        ..Fault::default()
    };
    let id = emulator.inject(fault).unwrap();
    assert!(read(&container, "1").await.is_ok());
    assert!(emulator.fired(id, 1).await);
}

#[tokio::test]
async fn a_held_request_waits_until_its_fault_is_removed() {
    let (emulator, wire) = start_plain().await;
    let created = wire.create(&item("1")).await.unwrap();
    let etag = header(&created, "etag").unwrap();
    let hold = Fault {
        method: Some("PUT".into()),
        hold: true,
        times: Some(1),
        ..Fault::default()
    };
    let hold = emulator.inject(hold).unwrap();

    let late = wire
        .items(Method::PUT, "/1")
        .header("if-match", &etag)
        .json(&item("1"))
        .send();
    let late = tokio::spawn(late);
    assert!(emulator.fired(hold, 1).await);
    // The request that came second is the first to be carried out.
    let early = wire
        .items(Method::PUT, "/1")
        .header("if-match", &etag)
        .json(&item("1"))
        .send();
    assert_eq!(early.await.unwrap().status(), 200);
    assert!(!late.is_finished());

    assert!(emulator.remove_fault(hold));
    assert_eq!(late.await.unwrap().unwrap().status(), 412);
}

#[tokio::test]
async fn a_request_whose_caller_gave_up_while_it_was_held_is_not_carried_out() {
    let (emulator, http1) = start_plain().await;
    for wire in [http1, Wire::http2(&emulator)] {
        let hold = Fault {
            method: Some("POST".into()),
            hold: true,
            ..Fault::default()
        };
        let hold = emulator.inject(hold).unwrap();
        let caller = wire.clone();
        let caller = tokio::spawn(async move { caller.create(&item("1")).await });
        assert!(emulator.fired(hold, 1).await);
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        // The server notices on its own time, but before it reads on from that connection.
        assert!(!wire.has("1").await);
        emulator.remove_fault(hold);
        assert!(!wire.has("1").await);
    }
}

#[tokio::test]
async fn waiting_for_a_fault_ends_when_it_is_removed() {
    let (emulator, _wire) = start_plain().await;
    let fault = emulator
        .inject(Fault {
            hold: true,
            ..Fault::default()
        })
        .unwrap();
    let (fired, removed) = tokio::join!(emulator.fired(fault, 1), async {
        emulator.remove_fault(fault)
    });
    assert!(removed && !fired);
}
