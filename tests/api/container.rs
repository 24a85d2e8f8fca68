//! The one container of the process: opened once, tried again after a failure, near the region.

use crate::app::App;
use crate::tls::Tls;
use cosmos_emulator::{Emulator, Fault, Options, RequestFilter, Resource};
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

fn requests(emulator: &Emulator, resource: Resource) -> u64 {
    let filter = RequestFilter {
        resource: Some(resource),
        ..RequestFilter::default()
    };
    emulator.requests_matching(&filter).total
}

/// Waits until the container was opened: one request finds it, one asks which it is.
async fn identified(emulator: &Emulator) {
    while requests(emulator, Resource::Container) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(requests(emulator, Resource::Container), 2);
}

#[tokio::test]
async fn a_hundred_first_requests_at_once_open_the_container_once() {
    let app = App::start().await;
    let ada = app.user("ada");
    let lists = join_all((0..100).map(|_| ada.get("/api/workspaces"))).await;
    for list in lists {
        list.expect(StatusCode::OK);
    }
    identified(&app.emulator).await;
}

#[tokio::test]
async fn a_failed_attempt_is_shared_and_not_repeated_by_every_request() {
    let emulator = Emulator::start().await.unwrap();
    let broken = Fault {
        resource: Some(Resource::Account),
        status: Some(401),
        ..Fault::default()
    };
    emulator.inject(broken).unwrap();
    let app = App::on(emulator, &[]);
    let ada = app.user("ada");
    // One after the other, so that every one of them finds an attempt that has failed.
    for _ in 0..10 {
        for refused in join_all((0..10).map(|_| ada.get("/api/workspaces"))).await {
            refused.expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
        }
    }
    let attempts = requests(&app.emulator, Resource::Account);
    assert!(attempts < 20, "{attempts} for 100 requests");

    app.emulator.clear_faults();
    let mut recovered = ada.get("/api/workspaces").await;
    while recovered.status != StatusCode::OK {
        recovered = ada.get("/api/workspaces").await;
    }
}

#[tokio::test]
async fn the_container_is_open_before_the_first_request() {
    let app = App::start().await;
    while app.handler.get("/api/health/ready").await.status != StatusCode::OK {}
    identified(&app.emulator).await;
    let opened = app.emulator.requests().total;
    app.user("ada").get("/api/workspaces").await;
    assert_eq!(app.emulator.requests().total, opened + 1);
}

#[tokio::test]
async fn reads_go_to_the_region_the_app_runs_in() {
    let regions = ["East US", "West Europe"].map(ToOwned::to_owned).to_vec();
    let options = Options {
        regions,
        ..Options::default()
    };
    let emulator = Emulator::start_with(options).await.unwrap();
    let app = App::on(emulator, &[("REGION_NAME", "West Europe")]);
    let path = app.user("ada").workspace().await;
    app.user("ada").get(&path).await.expect(StatusCode::OK);
    let requests_in = |region: &str, resource| {
        let filter = RequestFilter {
            region: Some(region.to_owned()),
            resource: Some(resource),
            ..RequestFilter::default()
        };
        app.emulator.requests_matching(&filter).total
    };
    assert_eq!(
        requests_in("East US", Resource::Batch),
        1,
        "writes go to the write region"
    );
    app.emulator.reset_requests();
    app.user("ada").get(&path).await.expect(StatusCode::OK);
    assert_eq!(requests_in("East US", Resource::Item), 0);
    assert!(requests_in("West Europe", Resource::Item) > 0);
}

/// The SDK would not verify the host this variable names.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_variable_makes_certificates_be_taken_beyond_loopback() {
    let emulator = Emulator::start().await.unwrap();
    let tls = Tls::listen("127.0.0.2", "127.0.0.2").await;
    let url = tls.in_front_of(&emulator);
    let settings = [
        ("COSMOS_ENDPOINT", url.as_str()),
        ("AZURE_COSMOS_EMULATOR_HOST", "127.0.0.2"),
    ];
    let app = App::on(emulator, &settings);
    app.user("ada")
        .get("/api/workspaces")
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    assert_eq!(app.emulator.requests().total, 0);
}

#[tokio::test]
async fn no_list_leaves_its_partition() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let members = format!("{workspace}/members");
    for path in [members.as_str(), "/api/workspaces"] {
        app.emulator.reset_requests();
        ada.get(path).await.expect(StatusCode::OK);
        // The emulated container has four physical partitions.
        assert_eq!(requests(&app.emulator, Resource::Query), 1, "{path}");
    }
}

#[tokio::test]
async fn replicas_that_lag_do_not_cost_the_process_its_client() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    let other = ada.workspace().await;
    let lagging = Fault {
        resource: Some(Resource::Item),
        item_id: path.rsplit('/').next().map(ToOwned::to_owned),
        status: Some(404),
        sub_status: Some(1_002),
        times: Some(3),
        ..Fault::default()
    };
    identified(&app.emulator).await;
    let account = requests(&app.emulator, Resource::Account);
    app.emulator.inject(lagging).unwrap();
    ada.get(&path)
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    // The container is asked which one it is: it is the same.
    while requests(&app.emulator, Resource::Container) == 2 {
        tokio::task::yield_now().await;
    }
    ada.get(&other).await.expect(StatusCode::OK);
    ada.get(&path).await.expect(StatusCode::OK);
    // A new client would have asked the account where its regions are.
    assert_eq!(requests(&app.emulator, Resource::Account), account);
}

#[tokio::test]
async fn on_loopback_items_are_written_as_text_unless_a_setting_says_otherwise() {
    for (setting, is_binary) in [("", false), ("true", true), ("false", false)] {
        let app = App::with(&[("AZURE_COSMOS_BINARY_ENCODING_ENABLED", setting)]).await;
        app.emulator.start_recording();
        let profile = json!({"displayName": "Ada"});
        let ada = app.user("ada");
        ada.put("/api/users/me", profile)
            .await
            .expect(StatusCode::CREATED);
        let mut writes = app.emulator.stop_recording();
        writes.retain(|request| request.method == "POST" && request.resource == Resource::Item);
        assert_eq!(writes.len(), 2, "a profile and an address");
        for write in writes {
            assert_eq!(write.is_binary, is_binary, "{setting}");
        }
    }
}

#[tokio::test]
async fn a_hundred_and_one_physical_partitions_are_as_good_as_one() {
    let options = Options {
        partitions: 101,
        ..Options::default()
    };
    let app = App::on(Emulator::start_with(options).await.unwrap(), &[]);
    let ada = app.user("ada");
    let mut workspaces = Vec::new();
    for _ in 0..7 {
        workspaces.push(ada.workspace().await);
    }
    let pages = ada.pages("/api/workspaces?limit=3").await;
    let listed = pages.concat();
    let listed = listed.iter().map(|it| it["id"].as_str().unwrap());
    let listed: Vec<_> = listed.map(|id| format!("/api/workspaces/{id}")).collect();
    assert_eq!(listed, workspaces);
    // The one that asks them all.
    app.run_timer("/reconcile_memberships").await;
}
