//! Resources by their links (`_self`), which some SDKs use instead of names.

use crate::client::{item, start_plain, with};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_link_leads_to_what_its_names_lead_to() {
    let (_emulator, wire) = start_plain().await;
    let created: Value = wire.create(&item("1")).await.unwrap().json().await.unwrap();
    let link = format!("/{}", created["_self"].as_str().unwrap());
    let container = wire.get_json("/dbs/app/colls/items").await;
    let container_link = format!("/{}", container["_self"].as_str().unwrap());
    assert_eq!(wire.get_json(&container_link).await["id"], "items");
    let ranges = wire.get_json(&format!("{container_link}pkranges")).await;
    assert_eq!(ranges["_count"], 4);

    let by_link = |method| {
        let request = wire.request(method, &link);
        request.header("x-ms-documentdb-partitionkey", r#"["a"]"#)
    };
    let read = by_link(Method::GET).send().await.unwrap();
    assert_eq!(read.json::<Value>().await.unwrap()["id"], "1");
    let replaced = with(item("1"), json!({ "n": 2 }));
    let replaced = by_link(Method::PUT).json(&replaced).send().await.unwrap();
    assert_eq!(replaced.status(), 200);
    let deleted = by_link(Method::DELETE).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert!(!wire.has("1").await);
    assert_eq!(by_link(Method::GET).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_name_goes_before_a_resource_id() {
    let (emulator, wire) = start_plain().await;
    let app = wire.get_json("/dbs/app").await;
    let id = app["_rid"].as_str().unwrap();
    emulator.create_database(id).await.unwrap();
    assert_eq!(wire.get_json(&format!("/dbs/{id}")).await["id"], id);
}

#[tokio::test]
async fn a_container_has_an_offer_to_read_by_its_link() {
    let (_emulator, wire) = start_plain().await;
    let container = wire.get_json("/dbs/app/colls/items").await;
    let link = container["_self"].as_str().unwrap();
    for query in [
        json!({
            "query": "SELECT * FROM root r WHERE r.resource=@link",
            "parameters": [{ "name": "@link", "value": link }],
        }),
        json!({
            "query": format!("SELECT * from root where root.resource = \"{link}\""),
            "parameters": null,
        }),
    ] {
        let offers = wire.request(Method::POST, "/offers");
        let offers = offers
            .header("x-ms-documentdb-isquery", "True")
            .json(&query);
        let offers: Value = offers.send().await.unwrap().json().await.unwrap();
        let throughput = &offers["Offers"][0]["content"]["offerThroughput"];
        assert_eq!(*throughput, 400, "{query}: {offers}");
    }
}
