//! What goes wrong with storage, under load: nothing acknowledged is lost, nothing is done twice, and callers
//! get no answers but those they are promised.

use crate::app::App;
use crate::workload::{under_load, until_done};
use cosmos_emulator::{DropConnection, Emulator, Fault, Options, Resource};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::{Duration, Instant};

/// Injects each fault in turn, lets it fire, and prints how soon a request succeeds after the last one.
async fn storm(app: &App, fault: Fault) {
    for resource in [Resource::Item, Resource::Batch, Resource::Query] {
        let fault = Fault {
            resource: Some(resource),
            times: Some(12),
            ..fault.clone()
        };
        let id = app.emulator.inject(fault.clone()).unwrap();
        let fired = app.emulator.fired(id, 12);
        // Queries are rare: whatever has not fired by then goes on during the rest of the load.
        if tokio::time::timeout(Duration::from_secs(3), fired)
            .await
            .is_err()
        {
            continue;
        }
        let began = Instant::now();
        until_done(|| app.user("ada").request(Method::GET, "/api/workspaces")).await;
        println!("{fault:?}: recovered in {:?}", began.elapsed());
    }
}

async fn survives(fault: Fault) {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "5")]).await;
    under_load(&app, 12, storm(&app, fault)).await;
}

fn answered(status: u16, sub_status: Option<u32>) -> Fault {
    Fault {
        status: Some(status),
        sub_status,
        retry_after_ms: (status == 429).then_some(20),
        ..Fault::default()
    }
}

#[tokio::test]
async fn throttling() {
    survives(answered(429, Some(3_200))).await;
}

#[tokio::test]
async fn service_unavailable() {
    survives(answered(503, None)).await;
}

#[tokio::test]
async fn request_timeout() {
    survives(answered(408, None)).await;
}

#[tokio::test]
async fn retry_with() {
    survives(answered(449, None)).await;
}

#[tokio::test]
async fn gone() {
    survives(answered(410, Some(1_002))).await;
}

#[tokio::test]
async fn connections_dropped_before_the_operation() {
    survives(Fault {
        drop: Some(DropConnection::Before),
        ..Fault::default()
    })
    .await;
}

#[tokio::test]
async fn connections_dropped_after_the_operation() {
    survives(Fault {
        drop: Some(DropConnection::After),
        ..Fault::default()
    })
    .await;
}

#[tokio::test]
async fn delays_past_the_deadline() {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "1")]).await;
    let slow = Fault {
        delay_ms: Some(1_500),
        ..Fault::default()
    };
    under_load(&app, 4, storm(&app, slow)).await;
}

#[tokio::test]
async fn the_gateway_restarts() {
    let app = App::start().await;
    under_load(&app, 12, async {
        for _ in 0..4 {
            app.emulator.stop_listening().await.unwrap();
            let refused = app.user("ada").get("/api/workspaces").await;
            assert_ne!(refused.status, StatusCode::OK);
            app.emulator.listen_again().unwrap();
            let began = Instant::now();
            until_done(|| app.user("ada").request(Method::GET, "/api/workspaces")).await;
            println!("restarted gateway: recovered in {:?}", began.elapsed());
        }
    })
    .await;
}

#[tokio::test]
async fn partitions_split() {
    let options = Options {
        partitions: 1,
        ..Options::default()
    };
    let app = App::on(Emulator::start_with(options).await.unwrap(), &[]);
    under_load(&app, 12, async {
        let store = app.emulator.store();
        for _ in 0..3 {
            for partition in store.child_partition_ids("app", "items", &[0]) {
                let middle = store.midpoint_split_epk("app", "items", partition);
                let Ok(middle) = middle else { continue };
                let split = store.split_partition_and_wait(
                    "app",
                    "items",
                    partition,
                    middle,
                    Duration::from_millis(50),
                );
                split.await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_write_region_fails_over() {
    let regions = ["East US", "West Europe"];
    let options = Options {
        regions: regions.map(ToOwned::to_owned).to_vec(),
        ..Options::default()
    };
    let app = App::on(Emulator::start_with(options).await.unwrap(), &[]);
    under_load(&app, 12, async {
        for region in ["West Europe", "East US", "West Europe"] {
            app.emulator.store().set_write_region(region).unwrap();
            let began = Instant::now();
            until_done(|| {
                let request = app.user("eve").request(Method::POST, "/api/workspaces");
                request.json(&json!({"name": "W"}))
            })
            .await;
            println!("failover to {region}: recovered in {:?}", began.elapsed());
        }
    })
    .await;
}

/// The answer to a write is lost: the caller is told what became of it all the same.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_looked_up() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for (method, resource) in WRITES {
        let inject = || lose_an_answer(&app, method, resource);
        inject();
        let created = ada.post("/api/workspaces", json!({"name": "W"})).await;
        let path = created.expect(StatusCode::CREATED).location();
        inject();
        let patched = ada.patch(&path, json!({"name": "V"})).await;
        assert_eq!(patched.expect(StatusCode::OK).text("name"), "V");
        inject();
        let member = format!("{workspace}/members/bob");
        let role = ada.put(&member, json!({"role": "owner"})).await;
        assert!(role.status.is_success(), "{role:?}");
        inject();
        let left = app.user("bob").delete(&member).await;
        left.expect(StatusCode::NO_CONTENT);
        inject();
        ada.put("/api/users/me", json!({})).await;
        inject();
        ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    }
    app.emulator.clear_faults();
    assert_eq!(ada.pages("/api/workspaces").await.concat().len(), 1);
}

/// Every kind of write.
pub(crate) const WRITES: [(&str, Resource); 4] = [
    ("POST", Resource::Batch),
    ("POST", Resource::Item),
    ("PUT", Resource::Batch),
    ("PUT", Resource::Item),
];

/// The next answer to such a write, and no other.
pub(crate) fn lose_an_answer(app: &App, method: &str, resource: Resource) {
    app.emulator.clear_faults();
    let lost = Fault {
        method: Some(method.to_owned()),
        resource: Some(resource),
        drop: Some(DropConnection::After),
        times: Some(1),
        ..Fault::default()
    };
    app.emulator.inject(lost).unwrap();
}

/// The answer is lost, and the repeat by the SDK is throttled: what was done is not said to be undone.
#[tokio::test]
async fn a_write_that_is_throttled_after_its_answer_was_lost_is_looked_up() {
    let app = App::with(&[("REQUEST_TIMEOUT_SECONDS", "2")]).await;
    let ada = app.user("ada");
    app.emulator
        .inject(Fault {
            resource: Some(Resource::Batch),
            drop: Some(DropConnection::After),
            times: Some(1),
            ..Fault::default()
        })
        .unwrap();
    app.emulator
        .inject(Fault {
            resource: Some(Resource::Batch),
            ..answered(429, Some(3_200))
        })
        .unwrap();
    ada.workspace().await;
    app.emulator.clear_faults();
    assert_eq!(ada.pages("/api/workspaces").await.concat().len(), 1);
}
