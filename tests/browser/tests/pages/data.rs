//! The page of the emulated Cosmos DB, with the data of `cargo dev`.

use crate::chromium::Chromium;
use crate::dev::Dev;
use fantoccini::Client;
use fantoccini::Locator::{Css, XPath};

/// An element with this text, once it is there.
async fn text(page: &Client, element: &str, text: &str) -> String {
    let path = format!(
        "//*[@id='{element}']//*[contains(., \"{text}\")] | //*[@id='{element}'][contains(., \"{text}\")]"
    );
    let found = page.wait().for_element(XPath(&path)).await.unwrap();
    found.text().await.unwrap()
}

async fn click(page: &Client, css: &str) {
    let button = page.wait().for_element(Css(css)).await.unwrap();
    button.click().await.unwrap();
}

#[tokio::test]
async fn the_data_page_shows_partitions_items_queries_and_requests() {
    let dev = Dev::start();
    let chromium = Chromium::start().await;
    for (width, scheme) in [(1_280, "light"), (390, "dark")] {
        chromium.look(width, scheme).await;
        let page = chromium.open(&format!("{}/_emulator/", dev.cosmos)).await;
        click(page, "#partitions button").await;
        click(page, "#items button").await;
        text(page, "item", "partitionKey").await;

        let sql = page.find(Css("#sql")).await.unwrap();
        sql.clear().await.unwrap();
        let query = "SELECT VALUE c.name FROM c WHERE c.name = 'Difference Engine'";
        sql.send_keys(query).await.unwrap();
        click(page, "#query button").await;
        text(page, "rows", "Difference Engine").await;
        let outcome = text(page, "outcome", "RU").await;
        assert!(outcome.starts_with("1 row, "), "{outcome}");
        // It is one of the requests that come.
        text(page, "requests", query).await;

        chromium
            .picture(&format!("data-{width}-{scheme}.png"))
            .await;
        assert_eq!(chromium.is_dark("h1").await, scheme == "dark");
        assert_eq!(chromium.wider_than_its_window().await, 0, "at {width}");
        assert_eq!(chromium.complaints().await, Vec::<String>::new());
        let requested = chromium.requested().await;
        assert!(requested.len() > 5, "{requested:?}");
        for url in requested {
            let is_own = url.starts_with(&dev.cosmos) || url.starts_with("data:");
            assert!(is_own, "{url}");
        }
    }
    chromium.close().await;
}

#[tokio::test]
async fn what_is_stored_is_shown_as_text_and_a_wrong_query_with_its_reason() {
    let dev = Dev::start();
    let chromium = Chromium::start().await;
    let evil = "<img src=x onerror=alert(1)>";
    let made = xtask::local::agent()
        .post(format!("{}/dbs/app/colls/items/docs", dev.cosmos))
        .header("x-ms-documentdb-partitionkey", "[\"<b>\"]")
        .send_json(serde_json::json!({ "id": evil, "partitionKey": "<b>", "docType": evil }));
    assert_eq!(made.unwrap().status(), 201);

    let page = chromium.open(&format!("{}/_emulator/", dev.cosmos)).await;
    text(page, "partitions", evil).await;
    let filter = page.find(Css("#filter")).await.unwrap();
    filter.send_keys("<B").await.unwrap();
    click(page, "#partitions li:not([hidden]) button").await;
    click(page, "#items button").await;
    text(page, "item", evil).await;

    let sql = page.find(Css("#sql")).await.unwrap();
    sql.send_keys(" WHERE").await.unwrap();
    click(page, "#query button").await;
    let outcome = text(page, "outcome", "400").await;
    assert!(outcome.contains("nothing was read"), "{outcome}");
    text(page, "rows", "Syntax error").await;
    chromium.close().await;
}
