use crate::Finding;
use crate::infra::{Infra, MAIN};
use crate::schema::{self, ResourceType};
use cosmos_functions::users::StoredUser;
use serde_json::{Value, json};

const FILE: &str = "infra/modules/cosmos.bicep";
const DEFINITION: &str = "infra/container.json";
/// The part of a container that the definition is, in the schema.
const RESOURCE: &str = "SqlContainerResourceOrSqlContainerGetPropertiesResource";
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
    found.extend(of_schema(infra, &definition));
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
    let Some(file) = infra.file(FILE) else {
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

/// `loadJsonContent` hands on whatever is there, so the definition is looked at as Bicep is.
fn of_schema(infra: &Infra, definition: &Value) -> Option<Finding> {
    let resources = infra.resources_of(CONTAINER);
    let mut schemas = resources.filter_map(|(_, r)| infra.schemas.find(&r.kind, &r.api_version));
    let schema = schemas.next()?;
    let problem = problem(schema, RESOURCE, definition)?;
    let line = infra
        .repository
        .line(DEFINITION, &format!("\"{}\"", problem.0));
    Some(Finding::new(DEFINITION, line, problem.1))
}

/// The first property that is none, or has a value it cannot have, with what is wrong.
fn problem(of: &ResourceType, kind: &str, value: &Value) -> Option<(String, String)> {
    if let (Value::Array(items), Some(kind)) = (value, kind.strip_suffix("[]")) {
        return items.iter().find_map(|item| problem(of, kind, item));
    }
    let declared = of.shape(kind)?.properties(None).ok()?;
    let properties = value.as_object().into_iter().flatten();
    properties.into_iter().find_map(|(name, value)| {
        let wrong = |message| Some((name.clone(), message));
        let Some(declared) = declared.get(name.as_str()) else {
            return wrong(format!("{kind} has no property {name}"));
        };
        match value {
            Value::String(text) if !schema::takes(declared.kind, text) => {
                wrong(format!("{name} must be one of: {}", declared.kind))
            }
            _ => problem(of, declared.kind, value),
        }
    })
}

fn names(infra: &Infra) -> Vec<Finding> {
    let example = infra
        .repository
        .json("local.settings.json.example")
        .unwrap_or_default();
    let main = infra.file(MAIN);
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
