//! What each operation costs: storage calls and request units, as docs/request-charge.md has them.

mod operations;
mod lists;
mod batches;
mod moves;
mod projects;
mod meter;
mod table;
mod indexes;

use crate::app::{Answer, App};
use cosmos_emulator::{RecordedRequest, Resource};
use cosmos_functions::app;
use meter::{Measured, Meter};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use tokio::sync::OnceCell;

/// The one operation that asks all partitions.
const ACROSS_PARTITIONS: &str = "POST /reconcile_memberships";

/// All operations, measured once for all tests.
async fn measured() -> &'static [Measured] {
    static MEASURED: OnceCell<Vec<Measured>> = OnceCell::const_new();
    MEASURED
        .get_or_init(async || {
            let app = App::start().await;
            while app.handler.get("/api/health/ready").await.status != StatusCode::OK {}
            let mut meter = Meter::new(&app);
            operations::run(&mut meter).await;
            meter.done()
        })
        .await
}

fn file(path: &str) -> String {
    fs::read_to_string(xtask::root().join(path)).unwrap()
}

/// The queries of all operations, as they came over the wire.
async fn queries() -> impl Iterator<Item = (&'static Measured, &'static str)> {
    let requests = measured().await.iter();
    let requests = requests.flat_map(|row| row.requests.iter().map(move |request| (row, request)));
    requests.filter_map(|(row, request)| Some((row, request.query.as_deref()?)))
}

#[tokio::test]
async fn every_operation_costs_what_the_table_says() {
    let now = table::render(measured().await);
    let document = file(table::DOCUMENT);
    if std::env::var_os(table::REWRITE).is_some() {
        let rewritten = table::replace(&document, &now);
        fs::write(xtask::root().join(table::DOCUMENT), rewritten).unwrap();
        return;
    }
    let differences = table::differences(table::find(&document), &now);
    assert!(
        differences.is_empty(),
        "costs are not those of {}. If they are meant to be, run this test with {}=1.\n\n{}",
        table::DOCUMENT,
        table::REWRITE,
        differences.join("\n")
    );
}

#[tokio::test]
async fn every_method_of_every_route_is_measured() {
    let app = App::start().await;
    let mut operations = BTreeSet::new();
    for path in app::routes().iter().map(|route| route.path) {
        // The router names the methods of a path when it is asked for one that is none of them.
        let asked = app.handler.request(Method::TRACE, path);
        let refused = Answer::of(asked)
            .await
            .expect(StatusCode::METHOD_NOT_ALLOWED);
        let methods = refused.header("allow").split(',').map(ToOwned::to_owned);
        let methods = methods.filter(|method| method != "HEAD");
        operations.extend(methods.map(|method| format!("{method} {path}")));
    }
    let rows: BTreeSet<_> = measured()
        .await
        .iter()
        .map(|row| row.operation.clone())
        .collect();
    let missing: Vec<_> = operations.difference(&rows).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
    assert!(operations.len() > 10, "{operations:?}");
}

#[tokio::test]
async fn callers_are_told_what_storage_charged() {
    for row in measured().await {
        let charge = format!("{:.2}", row.charge);
        let expected = if row.requests.is_empty() { "" } else { &charge };
        assert_eq!(row.told, expected, "{} ({})", row.operation, row.case);
    }
}

#[tokio::test]
async fn all_but_a_timer_stays_in_one_partition_at_a_time() {
    let names_one = |request: &RecordedRequest| {
        let key: Option<Vec<String>> = request
            .partition_key
            .as_deref()
            .map(|key| serde_json::from_str(key).unwrap());
        key.is_some_and(|key| key.len() == 1)
    };
    let mut across = BTreeSet::new();
    for row in measured().await {
        let requests = row.requests.iter();
        for request in requests.filter(|request| !names_one(request)) {
            let asks = matches!(request.resource, Resource::Query | Resource::QueryPlan);
            assert!(asks, "{}: {request:?}", row.operation);
            across.insert(row.operation.as_str());
        }
    }
    assert_eq!(across.into_iter().collect::<Vec<_>>(), [ACROSS_PARTITIONS]);
}

#[tokio::test]
async fn items_are_found_by_id_or_by_query_and_never_by_reading_all() {
    for row in measured().await {
        for request in &row.requests {
            let reads_all = matches!(request.resource, Resource::Feed | Resource::ChangeFeed);
            assert!(!reads_all, "{}: {request:?}", row.operation);
        }
    }
}

#[tokio::test]
async fn every_query_is_served_by_the_indexes_of_the_container() {
    let definition = serde_json::from_str(&file("infra/container.json")).unwrap();
    let mut orders = BTreeSet::new();
    for (row, query) in queries().await {
        let unserved = indexes::unserved(query, &definition);
        assert!(
            unserved.is_empty(),
            "{} ({})\n{query}\n{}",
            row.operation,
            row.case,
            unserved.join("\n")
        );
        orders.insert(query.rsplit_once(" ORDER BY ").map(|(_, order)| order));
    }
    assert!(orders.len() > 6, "all orders were asked for: {orders:?}");
}

/// The properties of the partition's item of this kind that an index has.
async fn indexed(app: &App, partition: &str, kind: &str) -> String {
    let definition: Value = serde_json::from_str(&file("infra/container.json")).unwrap();
    let items = app.items(partition).await;
    let item = items.iter().find(|item| item["docType"] == kind).unwrap();
    let properties = item.as_object().unwrap().keys();
    let indexed = properties.filter(|name| {
        let path = format!("/{name}");
        !name.starts_with('_') && indexes::is_indexed(&path, &definition["indexingPolicy"])
    });
    indexed.cloned().collect::<Vec<_>>().join(" ")
}

/// Each index is paid for with every write.
#[tokio::test]
async fn of_a_record_only_what_storage_and_queries_ask_for_is_indexed() {
    let app = App::start().await;
    let workspace = app.user("ada").workspace().await;
    let partition = workspace.rsplit('/').next().unwrap();
    let indexed = indexed(&app, partition, "idempotencyRecord").await;
    assert_eq!(indexed, "docType id partitionKey ttl");
}
