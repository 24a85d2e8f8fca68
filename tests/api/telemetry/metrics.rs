//! What is measured.

use super::start;
use crate::app::Answer;
use crate::receiver::{Got, Reading, Receiver};
use cosmos_emulator::{Fault, Resource};
use reqwest::{Method, StatusCode};

/// The series of a metric of which the attributes have these values.
fn series<'a>(got: &'a Got, metric: &str, values: &[(&str, &str)]) -> Option<&'a Reading> {
    let mut found = got.series.iter().filter(|((name, attributes), _)| {
        let has =
            |(key, value): &(&str, &str)| attributes.get(*key).is_some_and(|has| has == value);
        name == metric && values.iter().all(has)
    });
    found.next().map(|(_, reading)| reading)
}

#[tokio::test]
async fn requests_request_units_throttles_and_the_container_are_measured() {
    let receiver = Receiver::start().await;
    let app = start(&receiver).await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for _ in 0..3 {
        ada.get(&workspace).await.expect(StatusCode::OK);
    }
    // Methods that callers make up are one series.
    for method in ["BREW", "STEEP"] {
        let made_up = Method::from_bytes(method.as_bytes()).unwrap();
        let refused = Answer::of(ada.request(made_up, &workspace)).await;
        refused.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    let is_measured = |got: &Got| {
        let route = ("http.route", "/api/workspaces/{workspaceId}");
        let duration = "http.server.request.duration";
        let read = [route, ("http.response.status_code", "200")];
        let refused = [route, ("http.request.method", "_OTHER")];
        let charge = "azure.cosmosdb.client.operation.request_charge";
        let batch = [("db.operation.name", "execute_batch")];
        let count = |metric, of: &[(&str, &str)]| series(got, metric, of).map(|it| it.count);
        count(duration, &read) == Some(3)
            && count(duration, &refused) == Some(2)
            && series(got, charge, &batch).is_some_and(|it| it.count == 1 && it.sum > 1.0)
            && count("db.client.operation.duration", &batch) == Some(1)
    };
    receiver.wait(is_measured).await;
    let state = |got: &Got, state| {
        series(got, "cosmos_functions.container.state", &[("state", state)]).map(|it| it.sum)
    };
    receiver
        .wait(|got| state(got, "open") == Some(1.0) && state(got, "failing") == Some(0.0))
        .await;

    app.emulator
        .inject(Fault {
            resource: Some(Resource::Query),
            status: Some(429),
            sub_status: Some(3200),
            retry_after_ms: Some(1),
            times: Some(2),
            ..Fault::default()
        })
        .unwrap();
    ada.get("/api/workspaces").await.expect(StatusCode::OK);
    let throttles = |got: &Got| {
        let query = [("db.operation.name", "query_items")];
        series(got, "cosmos_functions.storage.throttles", &query).map(|it| it.sum)
    };
    receiver.wait(|got| throttles(got) == Some(2.0)).await;

    app.emulator.stop_listening().await.unwrap();
    ada.get(&workspace).await;
    receiver
        .wait(|got| state(got, "failing") == Some(1.0))
        .await;
}
