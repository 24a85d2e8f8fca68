//! Writes of projects whose answers are lost.

use crate::app::{Answer, App};
use crate::faults::{WRITES, lose_an_answer};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_write_of_a_project_whose_answer_is_lost_is_looked_up() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (workspace, other) = (ada.workspace().await, ada.workspace().await);
    for (method, resource) in WRITES {
        let inject = || lose_an_answer(&app, method, resource);
        inject();
        let project = ada.project(&workspace, json!({"name": "P"})).await;
        let path = project.location();
        inject();
        let etag = ada.get(&path).await.etag().to_owned();
        let patch = ada.request(Method::PATCH, &path).header("if-match", etag);
        let patched = Answer::of(patch.json(&json!({"name": "Q"}))).await;
        assert_eq!(patched.expect(StatusCode::OK).text("name"), "Q");
        inject();
        let path = crate::moves::moved(&ada, &path, &other).await;
        inject();
        ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    }
    app.emulator.clear_faults();
    for workspace in [workspace, other] {
        let left = ada.pages(&format!("{workspace}/projects")).await.concat();
        assert!(left.is_empty(), "{left:?}");
    }
}
