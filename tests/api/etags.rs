use crate::app::{Answer, App};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_version_the_caller_has_is_not_sent_again() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada.project(&workspace, json!({"name": "P"})).await;
    for path in [workspace.clone(), project.location()] {
        let etag = ada.get(&path).await.etag().to_owned();
        for known in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let read = ada
                .request(Method::GET, &path)
                .header("if-none-match", &known);
            let read = Answer::of(read).await.expect(StatusCode::NOT_MODIFIED);
            assert_eq!(read.etag(), etag);
            assert!(read.json.is_null());
        }
        let read = ada
            .request(Method::GET, &path)
            .header("if-none-match", "\"x\"");
        Answer::of(read).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_stale_etag_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let project = ada
        .project(&workspace, json!({"name": "P"}))
        .await
        .location();
    for path in [project, workspace] {
        let stale = ada.get(&path).await.etag().to_owned();
        let fresh = ada
            .patch(&path, json!({"name": "Q"}))
            .await
            .etag()
            .to_owned();
        for refused in [stale.clone(), format!("W/{fresh}")] {
            let patch = ada
                .request(Method::PATCH, &path)
                .json(&json!({"name": "R"}));
            let delete = ada.request(Method::DELETE, &path);
            for change in [patch, delete] {
                Answer::of(change.header("if-match", &refused))
                    .await
                    .expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
            }
        }
        assert_eq!(ada.get(&path).await.text("name"), "Q");

        let delete = ada.request(Method::DELETE, &path);
        Answer::of(delete.header("if-match", format!("{stale}, {fresh}")))
            .await
            .expect(StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn changes_of_different_fields_at_once_all_survive() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let path = ada
        .project(&workspace, json!({"name": "P"}))
        .await
        .location();
    let patches = [
        json!({"name": "Q"}),
        json!({"description": "D"}),
        json!({"tags": ["t"]}),
        json!({"visibility": "private"}),
    ];
    let answers = patches.map(|patch| ada.patch(&path, patch));
    for answer in futures::future::join_all(answers).await {
        answer.expect(StatusCode::OK);
    }
    let project = ada.get(&path).await;
    assert_eq!(project.text("name"), "Q");
    assert_eq!(project.text("description"), "D");
    assert_eq!(project.json["tags"], json!(["t"]));
    assert_eq!(project.text("visibility"), "private");
}

#[tokio::test]
async fn a_malformed_precondition_is_refused() {
    let app = App::start().await;
    let ada = app.user("ada");
    let path = ada.workspace().await;
    for malformed in ["abc", "\"open", "\"a\" \"b\"", ""] {
        let patch = ada
            .request(Method::PATCH, &path)
            .json(&json!({"name": "Q"}));
        Answer::of(patch.header("if-match", malformed))
            .await
            .expect_problem(StatusCode::BAD_REQUEST, "malformed-request");
    }
    assert_eq!(ada.get(&path).await.text("name"), "Workspace");
}
