//! Triggers that are not HTTP.

use super::{PROXYING, app, host};
use functions_host::By;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn values_that_are_not_objects_arrive_as_json_in_a_string() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let data = json!({"timer": {"IsPastDue": false}, "names": ["ada"]});
    let outcome = host.invoke("Sweep", data).await.unwrap();
    let seen = json!({"timer": {"IsPastDue": false}, "names": "[\"ada\"]"});
    assert_eq!(outcome.outputs["data"], seen);
    assert_eq!(outcome.return_value, "done");
}

#[tokio::test]
async fn a_timer_brings_its_schedule_and_when_it_runs() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let outcome = host.invoke("Sweep", json!({})).await.unwrap();
    let timer = &outcome.outputs["data"]["timer"];
    assert_eq!(timer["Schedule"], json!({"AdjustForDST": true}));
    assert_eq!(timer["IsPastDue"], false);
    for time in ["Last", "Next", "LastUpdated"] {
        assert!(timer["ScheduleStatus"][time].is_string(), "{time}");
    }
}

#[tokio::test]
async fn the_envelope_is_chunked_json_with_metadata_from_the_handlers_own_address() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let outcome = host.invoke("Sweep", json!({})).await.unwrap();
    let headers = &outcome.outputs["headers"];
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(headers["transfer-encoding"], "chunked");
    assert_eq!(
        headers["host"],
        host.handler_url().trim_start_matches("http://")
    );
    assert!(headers["x-azure-functions-invocationid"].is_string());
    let metadata = outcome.outputs["metadata"].as_object().unwrap();
    assert_eq!(metadata.keys().collect::<Vec<_>>(), ["sys"]);
    for about in ["MethodName", "UtcNow", "RandGuid"] {
        assert!(metadata["sys"][about].is_string(), "{about}");
    }
}

#[tokio::test]
async fn started_by_hand_the_metadata_has_the_timer_too() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let by_hand = host.invoke_by("Sweep", json!({}), By::Hand).await.unwrap();
    assert_eq!(by_hand.outputs["metadata"]["timer"], "\"\"");
}

#[tokio::test]
async fn the_logs_of_an_invocation_are_in_a_category_of_its_function() {
    let app = app(PROXYING);
    let host = host(&app).await;
    host.invoke("Sweep", json!({})).await.unwrap();
    let swept = host.logs().line_with("swept").await.unwrap();
    assert_eq!(swept.category, "Function.Sweep.User");
}

#[tokio::test]
async fn another_status_fails_the_invocation_and_its_body_is_shown_nowhere() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let failure = host.invoke("Fail", json!({})).await.unwrap_err();
    assert_eq!(failure.status, Some(StatusCode::IM_A_TEAPOT));
    assert_eq!(failure.detail, "");
    let unknown = host.invoke("Sweep", json!({"other": 1})).await.unwrap_err();
    assert_eq!(unknown.status, None);
    assert_eq!(unknown.detail, "Sweep has no input `other`");
}
