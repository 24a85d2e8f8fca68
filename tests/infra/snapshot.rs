use serde_json::{Map, Value, json};

/// A deployment that people make: the resources it leads to, by type. `outputs`, `settings` and `roles` are such types
/// here, each of one resource.
pub(super) struct Snapshot {
    pub(super) name: String,
    pub(super) resources: Vec<Value>,
}

impl Snapshot {
    pub(super) fn of(name: &str, text: &str) -> Self {
        let mut content: Value = serde_json::from_str(text).unwrap();
        let mut resources = content["predictedResources"].as_array().unwrap().clone();
        let sites = resources
            .iter()
            .filter_map(|one| one["properties"]["siteConfig"]["appSettings"].as_array());
        let settings = sites.flatten().map(|one| {
            (
                one["name"].as_str().unwrap().to_owned(),
                one["value"].clone(),
            )
        });
        let roles = resources
            .iter()
            .filter_map(role)
            .map(|role| (role, Value::Null));
        let (settings, roles) = (settings.collect(), roles.collect());
        for (kind, values) in [
            ("outputs", content["outputs"].take()),
            ("settings", Value::Object(settings)),
            ("roles", Value::Object(roles)),
        ] {
            resources.push(json!({ "type": kind, "values": values }));
        }
        Self {
            name: name.to_owned(),
            resources,
        }
    }

    pub(super) fn resources(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.resources.iter().filter(move |one| one["type"] == kind)
    }

    pub(super) fn settings(&self) -> &Map<String, Value> {
        self.resources("settings")
            .find_map(|one| one["values"].as_object())
            .unwrap()
    }
}

/// Who has which role on what.
fn role(assignment: &Value) -> Option<String> {
    let given = &assignment["properties"];
    let id = given["roleDefinitionId"].as_str()?.rsplit('/').next()?;
    let is_app = given["principalId"]
        .as_str()?
        .contains("/userAssignedIdentities/id-");
    let on = given["scope"].as_str().or(assignment["id"].as_str())?;
    let places = ["/storageAccounts/", "/components/", "/dbs/app/colls/items"];
    let place = places
        .iter()
        .find(|place| on.contains(**place))
        .unwrap_or(&on);
    Some(format!(
        "{} {place} {id}",
        if is_app { "app" } else { "developer" }
    ))
}
