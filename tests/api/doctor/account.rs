//! What the account says: who may ask, what is there, and how it is defined.

use super::{Report, Staged, settings, with};
use crate::app::request;
use crate::identity::{self, Identity};
use cosmos_emulator::{Emulator, Fault, Resource};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;

const OF_THE_CONTAINER: [&str; 4] = ["partition-key", "ttl", "indexing", "write-region"];

async fn examine(emulator: &Emulator, more: &[(&str, &str)]) -> Report {
    Staged::new().examine(&with(&emulator.url(), more)).await
}

#[tokio::test]
async fn the_credential_that_gives_the_token_is_named() {
    let (emulator, identity) = (
        Emulator::start().await.unwrap(),
        Identity::start(3_600).await,
    );
    let report = examine(&emulator, &identity::settings(&identity, "")).await;
    assert!(report.named("failed").is_empty(), "{report:#?}");
    assert_eq!(
        report.detail("identity"),
        "a token by ManagedIdentityCredential"
    );
}

#[tokio::test]
async fn without_a_token_every_credential_says_why() {
    let (emulator, identity) = (
        Emulator::start().await.unwrap(),
        Identity::start(3_600).await,
    );
    identity.state.is_down.store(true, SeqCst);
    let settings = identity::settings(&identity, "");
    let report = examine(&emulator, &settings).await;
    let skipped = [&["container"][..], &OF_THE_CONTAINER].concat();
    let said = report.expect_failure("identity", &skipped);
    assert!(said.starts_with("no credential gives a token: "), "{said}");
    for credential in ["ManagedIdentity", "AzureCli", "AzureDeveloperCli"] {
        assert!(said.contains(&format!("{credential}Credential")), "{said}");
    }
}

#[tokio::test]
async fn what_the_account_refuses_is_told_apart() {
    let emulator = Emulator::start().await.unwrap();
    for (resource, status, said) in [
        (Resource::Account, 401, "credential refused: "),
        (Resource::Container, 401, "credential refused: "),
        (Resource::Account, 403, "access forbidden: "),
        (Resource::Container, 403, "access forbidden: "),
        (Resource::Container, 500, "service failed: "),
    ] {
        let fault = Fault {
            resource: Some(resource),
            status: Some(status),
            ..Fault::default()
        };
        emulator.clear_faults();
        emulator.inject(fault).unwrap();
        let report = examine(&emulator, &[]).await;
        let detail = report.expect_failure("container", &OF_THE_CONTAINER);
        assert!(detail.starts_with(said), "{resource:?} {status}: {detail}");
        let advice = report.0["checks"][6]["advice"].as_str().unwrap();
        let role = advice.contains("Cosmos DB Built-in Data Contributor");
        assert_eq!(role, status == 403, "{advice}");
    }
}

#[tokio::test]
async fn a_definition_that_can_be_read_is_compared_even_when_items_cannot() {
    let emulator = Emulator::start().await.unwrap();
    let fault = Fault {
        resource: Some(Resource::Item),
        status: Some(403),
        ..Fault::default()
    };
    emulator.inject(fault).unwrap();
    let report = examine(&emulator, &[]).await;
    let said = report.expect_failure("container", &[]);
    assert!(
        said.starts_with("its items cannot be read: access forbidden"),
        "{said}"
    );
}

#[tokio::test]
async fn a_missing_container_is_told_from_a_missing_database() {
    let emulator = Emulator::start().await.unwrap();
    for (setting, said) in [
        ("COSMOS_DATABASE_NAME", "database not found"),
        ("COSMOS_CONTAINER_ID", "container not found"),
    ] {
        let report = examine(&emulator, &[(setting, "elsewhere")]).await;
        let detail = report.expect_failure("container", &OF_THE_CONTAINER);
        assert!(detail.starts_with(said), "{detail}");
    }
}

/// An emulator with a container `other`: defined as ours is, but for the change.
async fn with_container(change: impl FnOnce(&mut Value)) -> Emulator {
    let emulator = Emulator::start().await.unwrap();
    let definition = include_str!("../../../infra/container.json");
    let mut definition: Value = serde_json::from_str(definition).unwrap();
    definition["id"] = "other".into();
    change(&mut definition);
    let containers = format!("{}/dbs/app/colls", emulator.url());
    let created = request(Method::POST, containers)
        .json(&definition)
        .send()
        .await;
    assert_eq!(created.unwrap().status(), 201);
    emulator
}

async fn examine_other(change: impl FnOnce(&mut Value)) -> Report {
    let emulator = with_container(change).await;
    examine(&emulator, &[("COSMOS_CONTAINER_ID", "other")]).await
}

#[tokio::test]
async fn another_partition_key_is_found() {
    let report = examine_other(|container| {
        container["partitionKey"] = json!({"paths": ["/tenant"], "kind": "Hash", "version": 2});
    })
    .await;
    assert_eq!(
        report.expect_failure("partition-key", &[]),
        r#"/partitionKey/paths is ["/tenant"], should be ["/partitionKey"]"#
    );
}

#[tokio::test]
async fn another_time_to_live_is_found() {
    let report = examine_other(|container| {
        container.as_object_mut().unwrap().remove("defaultTtl");
    })
    .await;
    assert_eq!(
        report.expect_failure("ttl", &[]),
        "/defaultTtl is absent, should be -1"
    );
}

#[tokio::test]
async fn other_indexes_are_found() {
    let report = examine_other(|container| {
        let policy = &mut container["indexingPolicy"];
        policy["compositeIndexes"].as_array_mut().unwrap().remove(0);
        policy["excludedPaths"][0] = json!({"path": "/name/?"});
    })
    .await;
    assert_eq!(
        report.expect_failure("indexing", &[]),
        "/indexingPolicy/excludedPaths lacks /description/?\n\
         /indexingPolicy/excludedPaths has /name/? besides\n\
         /indexingPolicy/compositeIndexes lacks (/createdAt ascending, /id ascending)"
    );
}

#[tokio::test]
async fn the_same_written_differently_is_as_defined() {
    let report = examine_other(|container| {
        let policy = &mut container["indexingPolicy"];
        policy["compositeIndexes"].as_array_mut().unwrap().reverse();
        let excluded = policy["excludedPaths"].as_array_mut().unwrap();
        excluded.retain(|excluded| excluded["path"] != "/\"_etag\"/?");
        excluded.reverse();
    })
    .await;
    assert!(report.named("failed").is_empty(), "{report:#?}");
}

#[tokio::test]
async fn an_account_that_does_not_answer_is_given_up() {
    let emulator = Emulator::start().await.unwrap();
    let hold = Fault {
        hold: true,
        ..Fault::default()
    };
    emulator.inject(hold).unwrap();
    let report = Staged::new().examine(&settings(&emulator.url())).await;
    let skipped = [&["clock", "container"][..], &OF_THE_CONTAINER].concat();
    let said = report.expect_failure("tls", &skipped);
    assert!(
        said.ends_with("does not answer: no answer in time"),
        "{said}"
    );
}
