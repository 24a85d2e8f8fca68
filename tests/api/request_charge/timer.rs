//! The timers that finish what was left half done.

use super::meter::Meter;
use reqwest::StatusCode;
use serde_json::json;

pub(super) async fn timers(meter: &mut Meter<'_>) {
    let nothing = "nothing to do";
    let ran = meter
        .measure(nothing, meter.app.handler.timer("/reconcile_moves"))
        .await;
    assert_eq!(ran.json["Logs"], json!(["0 moves finished, 0 not"]));
    keep_an_old_intent(meter).await;
    let busy = meter.app.handler.timer("/reconcile_moves");
    let ran = meter.measure("a move that was only begun", busy).await;
    assert_eq!(ran.json["Logs"], json!(["1 moves finished, 0 not"]));

    let memberships = "/reconcile_memberships";
    // The first run of a process looks for more.
    meter.app.run_timer(memberships).await;
    let ran = meter
        .measure(nothing, meter.app.handler.timer(memberships))
        .await;
    let said = "0 memberships, workspaces and users finished, 0 not";
    assert_eq!(ran.json["Logs"], json!([said]));
}

/// As a process leaves it that is killed before it has marked the project.
async fn keep_an_old_intent(meter: &Meter<'_>) {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let url = format!("{}/dbs/app/colls/items/docs", meter.app.emulator.url());
    let kept = reqwest::Client::new()
        .post(url)
        .header("x-ms-documentdb-partitionkey", "[\"moves\"]")
        .json(&json!({
            "id": id, "partitionKey": "moves", "docType": "moveIntent", "projectId": id,
            "from": id, "to": id, "startedAt": "2026-01-01T00:00:00.000Z",
        }))
        .send()
        .await;
    assert_eq!(kept.unwrap().status(), StatusCode::CREATED);
}
