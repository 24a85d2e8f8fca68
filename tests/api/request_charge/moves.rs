//! Moves, and the timer that finishes them.

use super::meter::Meter;
use super::projects::{NOT_REMEMBERED, REMEMBERED};
use crate::app::App;
use crate::moves::start_move;
use cosmos_emulator::{Fault, Resource};
use reqwest::Method;
use serde_json::json;

pub(super) async fn moves(meter: &mut Meter<'_>) {
    let from = meter.app.user("ada").workspace().await;
    projects(meter, &from).await;
    timer(meter).await;
}

async fn projects(meter: &mut Meter<'_>, from: &str) {
    let ada = meter.app.user("ada");
    let to = ada.workspace().await;
    let target = json!({"targetWorkspaceId": to.rsplit('/').next()});
    for (case, workspace) in [(REMEMBERED, None), (NOT_REMEMBERED, Some(&to))] {
        let project = ada.project(from, json!({"name": case})).await;
        meter.remember(from).await;
        meter.remember(&to).await;
        if let Some(workspace) = workspace {
            meter.forget(workspace).await;
            meter.forget(from).await;
        }
        let path = format!("{}/move", project.location());
        if workspace.is_none() {
            meter.twice(case, &path, target.clone()).await;
        } else {
            meter.ada(case, Method::POST, &path, target.clone()).await;
        }
    }
}

async fn timer(meter: &mut Meter<'_>) {
    let idle = meter.app.handler.timer("/reconcile_moves");
    let ran = meter.measure("nothing to do", idle).await;
    assert_eq!(ran.json["Logs"], json!(["0 moves finished, 0 not"]));
    keep_an_old_intent(meter).await;
    let busy = meter.app.handler.timer("/reconcile_moves");
    let ran = meter.measure("a move that was only begun", busy).await;
    assert_eq!(ran.json["Logs"], json!(["1 moves finished, 0 not"]));
}

/// As a process leaves it that is killed before it has marked the project.
async fn keep_an_old_intent(meter: &Meter<'_>) {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let intent = json!({
        "id": id, "partitionKey": "moves", "docType": "moveIntent", "projectId": id,
        "from": id, "to": id, "startedAt": "2026-01-01T00:00:00.000Z",
    });
    meter.app.store(&intent).await;
}

#[tokio::test]
async fn of_an_intent_only_what_the_timer_asks_for_is_indexed() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    let arrival = Fault {
        resource: Some(Resource::Batch),
        status: Some(500),
        ..Fault::default()
    };
    app.emulator.inject(arrival).unwrap();
    start_move(&ada, &made.location(), &there).await;
    let indexed = super::indexed(&app, "moves", "moveIntent").await;
    assert_eq!(indexed, "docType id partitionKey startedAt");
}
