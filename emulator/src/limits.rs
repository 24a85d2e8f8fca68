//! What the service takes as an item, an id, a partition key and a container.

use serde_json::Value;

const MAX_ITEM_ID: usize = 1_023;
const MAX_PARTITION_KEY: usize = 2_048;
const MAX_NAME: usize = 255;
/// Levels of JSON, as in what the account parses.
pub(crate) const MAX_DEPTH: usize = 128;

/// Errors say what is wrong, as all of this file.
pub(crate) fn item(item: &Value) -> Result<(), String> {
    if let Some(id) = item.get("id") {
        let id = id.as_str().ok_or("The id of an item must be a string.")?;
        self::id(id, MAX_ITEM_ID)?;
    }
    match item.get("ttl") {
        Some(Value::Null) => Err("ttl must not be null.".to_owned()),
        Some(ttl) => time_to_live("ttl", ttl),
        None => Ok(()),
    }
}

fn id(id: &str, longest: usize) -> Result<(), String> {
    if id.is_empty() {
        return Err("An id must not be empty.".to_owned());
    }
    if id.len() > longest {
        return Err(format!(
            "An id may have {longest} bytes; this one has {}.",
            id.len()
        ));
    }
    match id
        .chars()
        .find(|part| matches!(part, '/' | '\\' | '?' | '#'))
    {
        Some(part) => Err(format!("An id must not contain '{part}'.")),
        None => Ok(()),
    }
}

pub(crate) fn time_to_live(property: &str, ttl: &Value) -> Result<(), String> {
    let is_valid = ttl.is_null()
        || ttl
            .as_i64()
            .is_some_and(|seconds| seconds == -1 || (1..=i64::from(i32::MAX)).contains(&seconds));
    if is_valid {
        return Ok(());
    }
    Err(format!(
        "{property} must be a positive integer, or -1 for never; {ttl} is neither."
    ))
}

/// `header` is the key as JSON, as in `["a"]`.
pub(crate) fn partition_key(header: &str) -> Result<(), String> {
    let values: Vec<Value> = serde_json::from_str(header).unwrap_or_default();
    let bytes: usize = values
        .iter()
        .filter_map(|value| Some(value.as_str()?.len()))
        .sum();
    if bytes > MAX_PARTITION_KEY {
        return Err(format!(
            "A partition key may have {MAX_PARTITION_KEY} bytes; this one has {bytes}."
        ));
    }
    Ok(())
}

/// Whether the key of an item has as many values as the container has partition key paths.
pub(crate) fn is_key_of(header: &str, container: &Value) -> bool {
    let values: Vec<Value> = serde_json::from_str(header).unwrap_or_default();
    let paths = container["partitionKey"]["paths"].as_array();
    paths.is_none_or(|paths| paths.len() == values.len())
}

pub(crate) fn name(definition: &Value) -> Result<(), String> {
    let name = definition["id"].as_str();
    name.map_or(Ok(()), |name| id(name, MAX_NAME))
}

pub(crate) fn container(definition: &Value) -> Result<(), String> {
    name(definition)?;
    if let Some(ttl) = definition.get("defaultTtl") {
        time_to_live("defaultTtl", ttl)?;
    }
    let computed = definition["computedProperties"].as_array();
    if computed.is_some_and(|computed| !computed.is_empty()) {
        return Err("computedProperties are not supported by this emulator.".to_owned());
    }
    let resolution = &definition["conflictResolutionPolicy"];
    let custom_path = resolution["conflictResolutionPath"].as_str();
    if custom_path.is_some_and(|path| !path.is_empty() && path != "/_ts") {
        return Err("A conflictResolutionPath is not supported by this emulator.".to_owned());
    }
    for kind in ["includedPaths", "excludedPaths"] {
        let paths = definition["indexingPolicy"][kind]
            .as_array()
            .into_iter()
            .flatten();
        for path in paths.filter_map(|path| path["path"].as_str()) {
            if !path.starts_with('/') {
                return Err(format!("The path '{path}' of {kind} must start with '/'."));
            }
        }
    }
    Ok(())
}

pub(crate) fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(values) => values.iter().map(depth).max(),
        Value::Object(properties) => properties.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or_default()
}
