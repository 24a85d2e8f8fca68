//! `/_emulator`: the same controls over HTTP.

use crate::client::{item, start_plain, with};
use crate::wire::ITEMS;
use cosmos_emulator::Fault;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn faults_can_be_added_listed_and_removed() {
    let (_emulator, wire) = start_plain().await;
    let rule = r#"{"method": "GET", "resource": "item", "status": 503, "times": 2}"#;
    let (status, added) = wire
        .send_json(Method::POST, "/_emulator/faults", rule)
        .await;
    assert_eq!(status, 201);
    let path = format!("/_emulator/faults/{}", added["id"]);

    assert_eq!(wire.read("1").await.unwrap().status(), 503);
    let listed = wire.get_json("/_emulator/faults").await;
    let expected = json!({ "id": added["id"], "fired": 1, "method": "GET", "status": 503 });
    let [fault] = listed["faults"].as_array().unwrap().as_slice() else {
        panic!("{listed}")
    };
    assert_eq!(with(fault.clone(), expected), *fault);
    assert_eq!(wire.get_json(&path).await, *fault);

    assert_eq!(wire.send_json(Method::DELETE, &path, "").await.0, 204);
    assert_eq!(wire.read("1").await.unwrap().status(), 404);
    assert_eq!(wire.send_json(Method::DELETE, &path, "").await.0, 404);
}

#[tokio::test]
async fn all_faults_can_be_removed_at_once() {
    let (_emulator, wire) = start_plain().await;
    wire.send_json(Method::POST, "/_emulator/faults", r#"{"status": 503}"#)
        .await;
    wire.send_json(Method::POST, "/_emulator/faults", r#"{"drop": "after"}"#)
        .await;
    assert_eq!(
        wire.send_json(Method::DELETE, "/_emulator/faults", "")
            .await
            .0,
        204
    );
    assert_eq!(
        wire.get_json("/_emulator/faults").await,
        json!({ "faults": [] })
    );
    assert_eq!(wire.read("1").await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_caller_can_wait_until_a_fault_has_fired() {
    let (_emulator, wire) = start_plain().await;
    let rule = r#"{"resource": "item", "hold": true}"#;
    let (_, added) = wire
        .send_json(Method::POST, "/_emulator/faults", rule)
        .await;
    let path = format!("/_emulator/faults/{}", added["id"]);
    let held = wire.clone();
    let held = tokio::spawn(async move { held.create(&item("1")).await });
    assert_eq!(wire.get_json(&format!("{path}?fired=1")).await["fired"], 1);
    assert!(!held.is_finished());
    wire.send_json(Method::DELETE, &path, "").await;
    assert_eq!(held.await.unwrap().unwrap().status(), 201);
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let (_emulator, wire) = start_plain().await;
    for (path, body, named) in [
        ("/_emulator/faults", r#"{"stauts": 503}"#, "stauts"),
        ("/_emulator/faults", r#"{"status": "503"}"#, "status"),
        (
            "/_emulator/faults",
            r#"{"status": 503, "resource": "itme"}"#,
            "resource",
        ),
        ("/_emulator/faults", r#"{"drop": "later"}"#, "drop"),
        (
            "/_emulator/faults",
            r#"{"status": 503, "times": 0}"#,
            "times",
        ),
        ("/_emulator/faults", r#"{"status": 503"#, "JSON"),
        ("/_emulator/clock", r#"{"seconds": 1}"#, "seconds"),
        ("/_emulator/clock", "{}", "advanceSeconds"),
    ] {
        let (status, answer) = wire.send_json(Method::POST, path, body).await;
        assert!([400, 422].contains(&status), "{body}: {status}");
        assert!(
            answer["message"].as_str().unwrap().contains(named),
            "{body}: {answer}"
        );
    }
    let (status, answer) = wire
        .send_json(Method::GET, "/_emulator/requests?itemId=1", "")
        .await;
    assert_eq!(status, 400);
    assert!(
        answer["message"].as_str().unwrap().contains("itemId"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_answered_in_json_too() {
    let (emulator, wire) = start_plain().await;
    for (method, path, expected) in [
        (Method::GET, "/_emulator/nothing", 404),
        (Method::GET, "/_emulator/faults/7", 404),
        (Method::DELETE, "/_emulator/faults/seven", 404),
        (Method::PUT, "/_emulator/faults", 405),
    ] {
        let (status, answer) = wire.send_json(method, path, "").await;
        assert_eq!(status, expected, "{path}");
        assert!(answer["message"].is_string(), "{path}: {answer}");
    }
    assert_eq!(emulator.requests().total, 0);
}

#[tokio::test]
async fn requests_can_be_counted_and_reset() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    wire.read("1").await.unwrap();
    wire.read("2").await.unwrap();
    wire.get_json(ITEMS).await;

    let all = wire.get_json("/_emulator/requests").await;
    assert_eq!(all["total"], 4);
    assert!(all["requestCharge"].as_f64().unwrap() > 0.0);
    assert!(all["connections"].as_u64().unwrap() >= 1);
    let reads = wire
        .get_json("/_emulator/requests?method=GET&resource=item&database=app")
        .await;
    assert_eq!(reads["total"], 2);
    let expected = json!([{
        "region": "East US",
        "method": "GET",
        "resource": "item",
        "database": "app",
        "container": "items",
        "requests": 2,
        "requestCharge": reads["requestCharge"],
    }]);
    assert_eq!(reads["counts"], expected);

    assert_eq!(
        wire.send_json(Method::DELETE, "/_emulator/requests", "")
            .await
            .0,
        204
    );
    assert_eq!(wire.get_json("/_emulator/requests").await["total"], 0);
}

#[tokio::test]
async fn the_clock_can_be_advanced() {
    let (_emulator, wire) = start_plain().await;
    wire.create(&with(item("1"), json!({ "ttl": 3600 })))
        .await
        .unwrap();
    let hour = r#"{"advanceSeconds": 3600}"#;
    assert_eq!(
        wire.send_json(Method::POST, "/_emulator/clock", hour).await,
        (204, Value::Null)
    );
    assert!(!wire.has("1").await);
}

#[tokio::test]
async fn faults_are_not_for_the_management_surface() {
    let (_emulator, wire) = start_plain().await;
    wire.send_json(Method::POST, "/_emulator/faults", r#"{"status": 503}"#)
        .await;
    assert_eq!(
        wire.get_json("/_emulator/faults").await["faults"][0]["fired"],
        0
    );
}

#[tokio::test]
async fn the_controls_are_for_programs_on_this_machine() {
    let (emulator, wire) = start_plain().await;
    let fault = r#"{"status": 429}"#;
    let add = |name: &'static str, value: &str| {
        let request = wire.request(Method::POST, "/_emulator/faults").body(fault);
        request.header(name, value)
    };
    for (name, value, status) in [
        ("origin", "https://example.com", 403),
        ("origin", "null", 403),
        ("host", "rebound.example.com:8081", 403),
        ("content-type", "text/plain", 415),
        ("content-type", "application/x-www-form-urlencoded", 415),
    ] {
        let answer = add(name, value).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
    }
    assert!(emulator.faults().is_empty());
    for (name, value) in [
        ("origin", "http://localhost:3000"),
        ("host", "127.0.0.1:8081"),
        ("content-type", "application/json; charset=utf-8"),
    ] {
        let answer = add(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{name}: {value}");
    }
}

#[tokio::test]
async fn partitions_and_their_items_are_listed_by_kind_and_not_counted() {
    let (emulator, wire) = start_plain().await;
    for (id, kind) in [("1", "note"), ("2", "note"), ("3", "tag")] {
        let item = with(item(id), json!({ "docType": kind }));
        wire.create(&item).await.unwrap();
    }
    let before = emulator.requests();
    let listed = wire.get_json("/_emulator/containers").await;
    let items = json!({ "database": "app", "container": "items" });
    assert_eq!(listed, json!({ "containers": [items] }));

    let place = "database=app&container=items";
    let listed = wire
        .get_json(&format!("/_emulator/partitions?{place}"))
        .await;
    let a = json!({ "partitionKey": "[\"a\"]", "kinds": { "note": 2, "tag": 1 } });
    assert_eq!(listed, json!({ "partitions": [a] }));

    let path = format!("/_emulator/items?{place}&partitionKey=%5B%22a%22%5D");
    let listed = wire.get_json(&path).await;
    assert_eq!(listed["kinds"]["note"][1]["id"], "2");
    assert_eq!(listed["kinds"]["tag"].as_array().unwrap().len(), 1);
    assert_eq!(emulator.requests(), before);

    let nowhere = "/_emulator/partitions?database=app&container=nowhere";
    assert_eq!(wire.send_json(Method::GET, nowhere, "").await.0, 404);
}

#[tokio::test]
async fn recent_requests_have_their_charge_and_come_newest_first() {
    let (emulator, wire) = start_plain().await;
    wire.create(&item("1")).await.unwrap();
    wire.rows("SELECT c.id FROM c").await;
    wire.read("2").await.unwrap();
    emulator
        .inject(Fault {
            status: Some(429),
            ..Fault::default()
        })
        .unwrap();
    wire.read("1").await.unwrap();

    let recent = wire.get_json("/_emulator/recent").await;
    let recent = recent["requests"].as_array().unwrap();
    let statuses: Vec<_> = recent.iter().map(|request| &request["status"]).collect();
    assert_eq!(statuses, [429, 404, 200, 201]);
    assert_eq!(recent[2]["query"], "SELECT c.id FROM c");
    assert_eq!(recent[3]["ids"], json!(["1"]));
    assert_eq!(recent[3]["partitionKey"], "[\"a\"]");
    assert!(recent[3]["requestCharge"].as_f64().unwrap() > 0.0);

    let newest = &recent[0]["number"];
    let newer = wire
        .get_json(&format!("/_emulator/recent?after={newest}"))
        .await;
    assert_eq!(newer, json!({ "requests": [] }));
}
