//! The docs page, as somebody meets it who has just run `cargo dev`.

use crate::chromium::Chromium;
use crate::dev::Dev;
use fantoccini::Locator::Css;

const LIST: &str = "#operations-workspaces-listWorkspaces";

#[tokio::test]
async fn the_docs_page_lists_the_operations_and_tries_one_out() {
    let dev = Dev::start();
    let chromium = Chromium::start().await;
    for (width, scheme) in [(1_280, "light"), (390, "dark")] {
        chromium.look(width, scheme).await;
        let page = chromium.open(&format!("{}/api/docs", dev.url)).await;
        page.wait().for_element(Css(".opblock")).await.unwrap();
        let listed = page.find_all(Css(".opblock")).await.unwrap().len();
        assert_eq!(listed, operations());

        for step in [".opblock-summary-control", ".try-out__btn", ".execute"] {
            let step = format!("{LIST} {step}");
            let button = page.wait().for_element(Css(&step)).await.unwrap();
            button.click().await.unwrap();
        }
        let answer = format!("{LIST} .live-responses-table .response");
        let answer = page.wait().for_element(Css(&answer)).await.unwrap();
        let answer = answer.text().await.unwrap();
        assert!(answer.starts_with("200"), "{answer}");
        // What `cargo dev` made for its sample user.
        assert!(answer.contains("Analytical Society"), "{answer}");

        assert_eq!(chromium.is_dark(".swagger-ui").await, scheme == "dark");
        assert_eq!(chromium.wider_than_its_window().await, 0, "at {width}");
        assert_eq!(chromium.complaints().await, Vec::<String>::new());
        let requested = chromium.requested().await;
        assert!(requested.len() > 5, "{requested:?}");
        for url in requested {
            let is_own = url.starts_with(&dev.url) || url.starts_with("data:");
            assert!(is_own, "{url}");
        }
    }
    chromium.close().await;
}

/// How many the contract has.
fn operations() -> usize {
    let contract = cosmos_functions::contract::CONTRACT.document();
    let paths = contract["paths"].as_object().unwrap().values();
    paths
        .map(|methods| methods.as_object().unwrap().len())
        .sum()
}
