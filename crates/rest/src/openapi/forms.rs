//! Forms of schemas that the generators of clients read as they are meant. Others say the same, and some generators
//! make of them what does not compile, or what refuses every answer.

use schemars::Schema;
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// The form for all schemas.
pub(super) fn plain(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if schema.get("pattern").is_some_and(|pattern| pattern == "") {
        schema.remove("pattern");
    }
    // For openapi-typescript, what has one must be sent, and others make a text of an enumeration's.
    schema.remove("default");
    let is_unknown = |format: &str| format.starts_with("uint");
    if schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(is_unknown)
    {
        schema.remove("format");
    }
    let alternatives = schema.get("oneOf").and_then(Value::as_array).cloned();
    let alternatives: Option<Vec<Object>> = alternatives.and_then(|alternatives| {
        let objects = alternatives.into_iter();
        objects.map(|one| one.as_object().cloned()).collect()
    });
    if let Some(alternatives) = alternatives {
        enumeration(schema, &alternatives);
        one_object(schema, &alternatives);
    }
}

/// The form for what callers get: what is absent is not null.
pub(super) fn answered(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    let required = schema.get("required").cloned().unwrap_or_default();
    let required = required.as_array().cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        if let Some(property) = property.as_object_mut()
            && !required.contains(&json!(name))
        {
            never_null(property);
        }
    }
}

fn never_null(property: &mut Object) {
    if let Some(kinds) = property.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [kind] = &kinds[..] {
            let kind = kind.clone();
            property.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(mut any)) = property.remove("anyOf") {
        any.retain(|one| one["type"] != "null");
        match any.pop() {
            Some(Value::Object(only)) if any.is_empty() => property.extend(only),
            last => {
                any.extend(last);
                property.insert("anyOf".to_owned(), any.into());
            }
        }
    }
}

/// Constants become an enumeration, and what they say goes into its description.
fn enumeration(schema: &mut Object, alternatives: &[Object]) {
    if !alternatives.iter().all(|one| one.contains_key("const")) {
        return;
    }
    schema.remove("oneOf");
    let names = alternatives.iter().map(|one| one["const"].clone());
    schema.insert("enum".to_owned(), names.collect());
    schema.insert("type".to_owned(), json!("string"));
    let lines = alternatives.iter().filter_map(|one| {
        let name = one["const"].as_str()?;
        Some(format!("- `{name}`: {}", one.get("description")?.as_str()?))
    });
    describe(schema, &lines.collect::<Vec<_>>());
}

/// Objects that differ by a constant become one object, which says what it needs in each case.
fn one_object(schema: &mut Object, alternatives: &[Object]) {
    let tags = alternatives.iter().map(tag).collect::<Option<Vec<_>>>();
    let Some(tags @ [(tag, _), ..]) = tags.as_deref() else {
        return;
    };
    let mut properties = Object::new();
    for (name, property) in alternatives
        .iter()
        .filter_map(|one| one["properties"].as_object())
        .flatten()
    {
        properties
            .entry(name.clone())
            .or_insert_with(|| property.clone());
    }
    let names: Vec<_> = tags.iter().map(|(_, name)| *name).collect();
    properties.insert((*tag).to_owned(), json!({"type": "string", "enum": names}));
    let lines = alternatives.iter().zip(tags).map(|(one, (tag, name))| {
        let required = one.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        let required: Vec<_> = required
            .filter(|it| it != tag)
            .map(|it| format!("`{it}`"))
            .collect();
        format!("- `{name}` needs {}.", required.join(" and "))
    });
    let lines: Vec<_> = lines.collect();
    let merged = json!({"type": "object", "properties": properties, "required": [tag]});
    schema.remove("oneOf");
    schema.extend(merged.as_object().cloned().unwrap_or_default());
    schema.insert("additionalProperties".to_owned(), json!(false));
    describe(schema, &lines);
}

/// The property that is a constant, and the constant.
fn tag(object: &Object) -> Option<(&str, &str)> {
    let mut properties = object.get("properties")?.as_object()?.iter();
    properties.find_map(|(name, property)| Some((name.as_str(), property["const"].as_str()?)))
}

fn describe(schema: &mut Object, lines: &[String]) {
    let own = schema.get("description").and_then(Value::as_str);
    let more = (!lines.is_empty()).then(|| lines.join("\n"));
    let paragraphs: Vec<_> = own.map(str::to_owned).into_iter().chain(more).collect();
    if !paragraphs.is_empty() {
        schema.insert("description".to_owned(), paragraphs.join("\n\n").into());
    }
}
