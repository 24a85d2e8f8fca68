//! Batches of projects.

use super::meter::Meter;
use reqwest::Method;
use serde_json::{Value, json};

pub(super) async fn batches(meter: &mut Meter<'_>) {
    let workspace = meter.app.user("ada").workspace().await;
    let batch = format!("{workspace}/projects/batch");
    let creations = |first: usize, count: usize| {
        let operations = (first..first + count).map(|number| {
            let project =
                json!({"name": format!("Plan {number:03}"), "tags": ["t"], "visibility": "public"});
            json!({"op": "create", "project": project})
        });
        json!({"operations": operations.collect::<Vec<_>>()})
    };
    meter.remember(&workspace).await;
    meter.twice("1 creation", &batch, creations(0, 1)).await;
    let (case, body) = ("30 creations", creations(1, 30));
    meter.remember(&workspace).await;
    let made = meter.ada(case, Method::POST, &batch, body).await;
    let each = |operation: &dyn Fn(&Value) -> Value| {
        let results = made.json["results"].as_array().unwrap().iter();
        let operations = results.map(|result| operation(&result["project"]["id"]));
        json!({"operations": operations.collect::<Vec<_>>()})
    };
    let patch = json!({"visibility": "private"});
    let updates = each(&|id| json!({"op": "update", "projectId": id, "patch": patch}));
    meter.remember(&workspace).await;
    meter.ada("30 updates", Method::POST, &batch, updates).await;
    let deletions = each(&|id| json!({"op": "delete", "projectId": id}));
    meter.remember(&workspace).await;
    meter
        .ada("30 deletions", Method::POST, &batch, deletions)
        .await;
}
