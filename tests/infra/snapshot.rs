use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A deployment that people make: the resources it leads to, by type. `outputs`, `settings`, `roles` and `site-config` are
/// such types here, each of one resource.
pub(super) struct Snapshot {
    pub(super) name: String,
    pub(super) resources: Vec<Value>,
}

impl Snapshot {
    pub(super) fn of(name: &str, text: &str) -> Self {
        let content: Value = serde_json::from_str(text).unwrap();
        let mut resources = content["predictedResources"].as_array().unwrap().clone();
        let mut configs = resources.iter().map(|one| &one["properties"]["siteConfig"]);
        let config = configs.find_map(Value::as_object).unwrap();
        let settings = config["appSettings"].as_array().unwrap().iter();
        let settings = settings.map(|one| (one["name"].as_str().unwrap(), &one["value"]));
        let roles: BTreeSet<_> = resources.iter().filter_map(role).collect();
        let made = [
            ("outputs", content["outputs"].clone()),
            ("settings", json!(settings.collect::<BTreeMap<_, _>>())),
            ("roles", json!(roles)),
            ("site-config", config.keys().cloned().collect()),
        ];
        resources.extend(made.map(|(kind, values)| json!({ "type": kind, "values": values })));
        let name = name.to_owned();
        Self { name, resources }
    }

    pub(super) fn resources(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.resources.iter().filter(move |one| one["type"] == kind)
    }
}

/// Who has which role on what.
fn role(assignment: &Value) -> Option<String> {
    let given = &assignment["properties"];
    let id = given["roleDefinitionId"].as_str()?.rsplit('/').next()?;
    let principal = given["principalId"].as_str()?;
    let is_app = principal.contains("/userAssignedIdentities/id-");
    let who = if is_app { "app" } else { "developer" };
    let on = given["scope"].as_str().or(assignment["id"].as_str())?;
    let mut places = ["/storageAccounts/", "/components/", "/dbs/app/colls/items"].into_iter();
    let place = places.find(|place| on.contains(place)).unwrap_or(on);
    Some(format!("{who} {place} {id}"))
}
