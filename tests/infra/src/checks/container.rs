use crate::Finding;
use crate::infra::{Infra, MAIN};
use cosmos_functions::domain::user::StoredUser;
use serde_json::{Value, json};

const FILE: &str = "infra/modules/cosmos.bicep";
const DEFINITION: &str = "infra/container.json";
const CONTAINER: &str = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers";

/// The names that `local.settings.json.example` and the emulator have, too.
const NAMES: [(&str, &str); 2] = [
    ("databaseName", "COSMOS_DATABASE_NAME"),
    ("containerName", "COSMOS_CONTAINER_ID"),
];

pub(super) fn same(infra: &Infra) -> Vec<Finding> {
    let definition = match infra.repository.json(DEFINITION) {
        Ok(definition) => definition,
        Err(error) => return vec![Finding::new(DEFINITION, 0, format!("{error:#}"))],
    };
    let mut found = deployed(infra, &definition);
    found.extend(names(infra));
    if definition["defaultTtl"] != -1 {
        let line = infra.repository.line(DEFINITION, "defaultTtl");
        found.push(Finding::new(
            DEFINITION,
            line,
            "what has a ttl must expire, and nothing else",
        ));
    }
    if !is_key_of_code(&definition["partitionKey"]["paths"]) {
        let line = infra.repository.line(DEFINITION, "paths");
        found.push(Finding::new(
            DEFINITION,
            line,
            "the code has another partition key",
        ));
    }
    found
}

/// Each part of the definition is deployed, and nothing else.
fn deployed(infra: &Infra, definition: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |line, message: &str| found.push(Finding::new(FILE, line, message));
    let Some(file) = infra.bicep.get(FILE) else {
        return found;
    };
    let loaded = file
        .variable("definition")
        .map(|variable| variable.value.text.as_str());
    if loaded != Some("loadJsonContent('../container.json')") {
        say(0, "definition must be loadJsonContent('../container.json')");
    }
    let containers: Vec<_> = infra.resources_of(CONTAINER).collect();
    let [(_, container)] = containers[..] else {
        say(0, "there must be one container");
        return found;
    };
    let parts = definition.as_object().into_iter().flatten();
    let parts = parts.map(|(part, _)| (part.as_str(), format!("definition.{part}")));
    let expected = parts.chain([("id", "containerName".to_owned())]);
    for (part, text) in expected {
        let value = container.body.at(&format!("properties.resource.{part}"));
        if value.map(|value| value.text.as_str()) != Some(&text) {
            let line = value.map_or(container.line, |value| value.line);
            say(line, &format!("{part} must be {text}"));
        }
    }
    found
}

fn names(infra: &Infra) -> Vec<Finding> {
    let example = infra
        .repository
        .json("local.settings.json.example")
        .unwrap_or_default();
    let main = infra.bicep.get(MAIN);
    let mut found = Vec::new();
    for (parameter, setting) in NAMES {
        let parameter = main.and_then(|main| main.parameter(parameter));
        let default = parameter
            .and_then(|p| p.default.as_ref())
            .and_then(|d| d.string());
        if default != example["Values"][setting].as_str() {
            let line = parameter.map_or(0, |parameter| parameter.line);
            let message = format!("the default must be {setting} of local.settings.json.example");
            found.push(Finding::new(MAIN, line, message));
        }
    }
    found
}

/// A stored item without its partition key is none; the error has the name it has as JSON.
fn is_key_of_code(paths: &Value) -> bool {
    let error = serde_json::from_value::<StoredUser>(json!({ "id": "1" }));
    let error = error.map(drop).map_err(|error| error.to_string());
    let path = paths[0].as_str().and_then(|path| path.strip_prefix('/'));
    let only = paths.as_array().is_some_and(|paths| paths.len() == 1);
    only && path.is_some_and(|path| error == Err(format!("missing field `{path}`")))
}
