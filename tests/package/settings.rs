//! The app settings of a deployment, with what is on this machine in place of Azure's.

use serde_json::Value;
use std::fs;

pub(crate) const CLIENT_ID: &str = "client-7";

/// What Azure would set, and nothing else.
pub(crate) fn deployed(cosmos: &str, identity: &str) -> Vec<(String, String)> {
    let snapshot = xtask::root().join("infra/snapshots/easy-auth.snapshot.json");
    let snapshot: Value = serde_json::from_str(&fs::read_to_string(snapshot).unwrap()).unwrap();
    let resources = snapshot["predictedResources"].as_array().unwrap();
    let sites = resources
        .iter()
        .filter_map(|one| one["properties"]["siteConfig"]["appSettings"].as_array());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let by_bicep = sites.flatten().map(|setting| {
        (
            text(&setting["name"]),
            value(&text(&setting["value"]), cosmos),
        )
    });
    let by_the_platform = [
        ("IDENTITY_ENDPOINT", identity),
        ("IDENTITY_HEADER", "of-this-instance"),
        ("WEBSITE_AUTH_ENABLED", "True"),
    ];
    let by_the_platform = by_the_platform.map(|(name, value)| (name.to_owned(), value.to_owned()));
    by_bicep.chain(by_the_platform).collect()
}

/// What only Azure can evaluate is an expression in brackets.
fn value(in_snapshot: &str, cosmos: &str) -> String {
    match in_snapshot {
        _ if in_snapshot.ends_with(".documentEndpoint]") => cosmos.to_owned(),
        _ if in_snapshot.ends_with(".ConnectionString]") => "InstrumentationKey=0".to_owned(),
        _ if in_snapshot.starts_with("[format('ClientId={0};") => {
            format!("ClientId={CLIENT_ID};Authorization=AAD")
        }
        _ if in_snapshot.ends_with(".clientId]") => CLIENT_ID.to_owned(),
        _ => {
            assert!(!in_snapshot.starts_with('['), "what is {in_snapshot}?");
            in_snapshot.to_owned()
        }
    }
}
