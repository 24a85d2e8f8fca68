//! The account: who asks it, whether its container is there, and whether it is as defined.

use super::differences::Differences;
use super::network::{self, CLOCK, DNS, TLS};
use super::report::{Check, Status};
use super::writes::{self, WRITES};
use cosmos_store::credential;
use cosmos_store::definition::{self, Found};
use cosmos_store::error::{
    ACCESS_FORBIDDEN, CONTAINER_NOT_FOUND, CREDENTIAL_REFUSED, DATABASE_NOT_FOUND, StorageError,
};
use cosmos_store::settings::CosmosSettings;
use serde_json::Value;
use std::error::Error;

const IDENTITY: &str = "identity";
const CONTAINER: &str = "container";
const PARTITION_KEY: &str = "partition-key";
const TIME_TO_LIVE: &str = "ttl";
const INDEXING: &str = "indexing";

/// All that is checked here, in order.
pub(super) const NAMES: [&str; 9] = [
    DNS,
    TLS,
    CLOCK,
    IDENTITY,
    CONTAINER,
    PARTITION_KEY,
    TIME_TO_LIVE,
    INDEXING,
    WRITES,
];

pub(super) async fn check(settings: &CosmosSettings) -> Vec<Check> {
    let network = network::check(&settings.endpoint);
    let ([dns, tls, clock], identity) = tokio::join!(network, check_identity(settings));
    let waits_for = [&dns, &tls, &identity]
        .into_iter()
        .find(|check| !check.is_ok())
        .map(|check| check.name);
    let container = match waits_for {
        None => check_container(settings).await,
        Some(name) => [CONTAINER, PARTITION_KEY, TIME_TO_LIVE, INDEXING]
            .map(|check| Check::skipped(check, name)),
    };
    let is_unread = container[1].status == Status::Skipped;
    let writes = match waits_for.or(is_unread.then_some(CONTAINER)) {
        None => writes::check(settings).await,
        Some(name) => Check::skipped(WRITES, name),
    };
    let of_the_account = [dns, tls, clock, identity].into_iter();
    of_the_account.chain(container).chain([writes]).collect()
}

/// The container as the template defines it.
fn defined() -> Value {
    #[expect(
        clippy::expect_used,
        reason = "it is part of the binary, and the tests read it"
    )]
    serde_json::from_str(include_str!("../../infra/container.json")).expect("JSON")
}

async fn check_identity(settings: &CosmosSettings) -> Check {
    match credential::giving_a_token(settings).await {
        Ok(Some(credential)) => Check::ok(IDENTITY, format!("a token by {}", credential.name())),
        Ok(None) => Check::ok(IDENTITY, "a key, as an emulator on loopback takes it"),
        Err(error) => Check::failed(
            IDENTITY,
            // One credential a line.
            said(&error).replace("; ", "\n"),
            "In Azure: give the app a managed identity, with AZURE_CLIENT_ID if it is user-assigned. Elsewhere: `az login`. AZURE_TOKEN_CREDENTIALS narrows what is tried.",
        ),
    }
}

/// Returns the checks `container`, `partition-key`, `ttl` and `indexing`.
async fn check_container(settings: &CosmosSettings) -> [Check; 4] {
    let found = match definition::read(settings).await {
        Ok(found) => found,
        Err(error) => {
            let skipped = |name| Check::skipped(name, CONTAINER);
            return [
                Check::failed(CONTAINER, said(&error), advice(&error)),
                skipped(PARTITION_KEY),
                skipped(TIME_TO_LIVE),
                skipped(INDEXING),
            ];
        }
    };
    let differences = Differences::between(&defined(), &found.definition);
    [
        check_items(&found),
        as_defined(
            PARTITION_KEY,
            &differences.partition_key,
            "It cannot be changed: make another container as infra/container.json defines it, and copy the items.",
        ),
        as_defined(
            TIME_TO_LIVE,
            &differences.time_to_live,
            "Set the container's time to live as infra/container.json has it: else what should expire stays, or the rest goes.",
        ),
        as_defined(
            INDEXING,
            &differences.indexing,
            "Set the container's indexing policy as infra/container.json has it: else lists fail, or cost more.",
        ),
    ]
}

fn check_items(found: &Found) -> Check {
    match &found.items {
        Ok(()) => Check::ok(CONTAINER, "its definition and its items can be read"),
        Err(error) => Check::failed(
            CONTAINER,
            format!("its items cannot be read: {}", said(error)),
            advice(error),
        ),
    }
}

fn as_defined(name: &'static str, differences: &[String], advice: &'static str) -> Check {
    if differences.is_empty() {
        return Check::ok(name, "as defined");
    }
    Check::failed(name, differences.join("\n"), advice)
}

/// The class of the failure and the reason that came with it.
fn said(error: &StorageError) -> String {
    let class = error
        .failure_class()
        .map_or(error.to_string(), ToOwned::to_owned);
    let reason = error.source().map(|source| format!(": {source}"));
    let said = class + &reason.unwrap_or_default();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn advice(error: &StorageError) -> &'static str {
    match error.failure_class() {
        Some(ACCESS_FORBIDDEN) => {
            "Assign the identity the role `Cosmos DB Built-in Data Contributor` on the container (it takes some minutes), and look at the account's firewall."
        }
        Some(CREDENTIAL_REFUSED) => {
            "The account does not know this credential: is it an account of the identity's tenant?"
        }
        Some(DATABASE_NOT_FOUND) => {
            "Check COSMOS_DATABASE_NAME. The handler never makes a database."
        }
        Some(CONTAINER_NOT_FOUND) => {
            "Check COSMOS_CONTAINER_ID and COSMOS_DATABASE_NAME. The handler never makes a container; infra/container.json defines it."
        }
        _ => {
            "Run this again; if it stays so, look at the account's metrics and its region's health."
        }
    }
}
