//! `cargo xtask verify`, against apps whose promises are kept, and broken.

use crate::staged::Staged;
use axum::Router;
use cosmos_emulator::Emulator;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use xtask::verify::{Options, Report, Verdict, verify};

async fn verified(url: &str, header: Option<&str>, write: bool, deadline: u64) -> Report {
    let options = Options {
        url: url.to_owned(),
        header: header.map(str::to_owned),
        write,
        deadline,
    };
    let verified = tokio::task::spawn_blocking(move || verify(&options));
    verified.await.unwrap().unwrap()
}

/// The kinds of the items that are stored.
async fn kinds(emulator: &Emulator) -> Vec<String> {
    let url = format!(
        "{}/_emulator/partitions?database=app&container=items",
        emulator.url()
    );
    let listed: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let partitions = listed["partitions"].as_array().unwrap().iter();
    let kinds = partitions.flat_map(|partition| partition["kinds"].as_object().unwrap().keys());
    kinds.cloned().collect()
}

#[tokio::test]
async fn a_good_app_keeps_every_promise_and_leaves_only_what_expires() {
    let app = Staged::with(&[("REQUEST_TIMEOUT_SECONDS", "2")]).await;
    let report = verified(app.host.url(), Some("x-dev-user: ada"), false, 0).await;
    assert_eq!(report.broken().count(), 0, "{report}");
    assert_eq!(kinds(&app.emulator).await, [""; 0]);

    let report = verified(app.host.url(), Some("x-dev-user: ada"), true, 2).await;
    assert_eq!(report.broken().count(), 0, "{report}");
    let left_out = |finding: &&xtask::verify::Finding| finding.verdict == Verdict::LeftOut;
    assert_eq!(report.findings().iter().filter(left_out).count(), 0);
    // The answer to a key, what is left of a workspace until a timer has seen to it, and that a membership has ended.
    let left = ["idempotencyRecord", "workspace", "membership"];
    assert_eq!(kinds(&app.emulator).await, left);
}

#[tokio::test]
async fn an_app_that_believes_a_forged_principal_is_found_out() {
    // As if App Service Authentication were on, with nothing in front.
    let app = Staged::with(&[("AUTH_MODE", "easy-auth"), ("WEBSITE_AUTH_ENABLED", "True")]).await;
    let report = verified(app.host.url(), None, false, 0).await;
    let broken: Vec<_> = report.broken().map(|finding| finding.promise).collect();
    let forged = "A forged principal is taken away or not believed";
    assert_eq!(broken, [forged], "{report}");
}

#[tokio::test]
async fn an_app_that_answers_everything_with_200_keeps_only_that_it_lives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(async |_body: axum::body::Bytes| axum::Json(json!({})));
    tokio::spawn(async { axum::serve(listener, app).await });
    let report = verified(&url, Some("x-dev-user: ada"), true, 0).await;
    let findings = report.findings().iter();
    let kept = findings.filter(|finding| finding.verdict == Verdict::Kept);
    let kept: Vec<_> = kept.map(|finding| finding.promise).collect();
    assert_eq!(kept, ["It lives", "It is ready"], "{report}");
}
