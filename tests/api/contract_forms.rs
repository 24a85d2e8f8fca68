//! Rules of the OpenAPI document that the generators of clients need: what breaks them is valid, and yet makes clients
//! that do not compile, refuse every answer, or send what nobody asked for.

use serde_json::Value;

fn document() -> &'static Value {
    cosmos_functions::contract::CONTRACT.document()
}

/// Calls `look` with each object of the document and where it is.
fn each_object(value: &Value, path: &str, look: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            look(path, value);
            for (name, value) in fields {
                each_object(value, &format!("{path}/{name}"), look);
            }
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                each_object(value, &format!("{path}/{place}"), look);
            }
        }
        _ => {}
    }
}

/// The places of the objects that break a rule.
fn breaking(rule: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    each_object(document(), "", &mut |path, object| {
        if !path.contains("/example") && rule(object) {
            places.push(path.to_owned());
        }
    });
    places
}

#[test]
fn nothing_is_one_of_several_schemas() {
    // openapi-python-client and openapi-generator cannot tell constants apart, and Kiota and NSwag want a flat object.
    assert_eq!(
        breaking(|it| it.get("oneOf").is_some()),
        Vec::<String>::new()
    );
    assert_eq!(
        breaking(|it| it.get("const").is_some()),
        Vec::<String>::new()
    );
}

#[test]
fn an_enumeration_is_a_string_and_begins_with_its_harmless_member() {
    const FIRST: &[(&str, &str)] = &[("Visibility", "private"), ("Role", "viewer")];
    let is_typed = |it: &Value| it.get("enum").is_none_or(|_| it["type"] == "string");
    assert_eq!(breaking(|it| !is_typed(it)), Vec::<String>::new());
    // NSwag sends the first member for a property that was left out.
    for (name, first) in FIRST {
        assert_eq!(document()["components"]["schemas"][name]["enum"][0], *first);
    }
}

#[test]
fn a_batch_has_one_kind_of_operation() {
    let schemas = &document()["components"]["schemas"];
    let operation = &schemas["ProjectOperation"];
    assert_eq!(operation["type"], "object");
    let kinds = serde_json::json!(["create", "update", "delete"]);
    assert_eq!(schemas["Op"]["enum"], kinds);
    for property in ["ifMatch", "patch", "project", "projectId"] {
        assert!(operation["properties"][property].is_object(), "{property}");
    }
    let text = operation["description"].as_str().unwrap();
    assert!(
        text.contains("`update` needs `projectId` and `patch`"),
        "{text}"
    );
}

#[test]
fn there_is_no_pattern_that_says_nothing_and_no_format_that_nobody_knows() {
    // openapi-generator ends at an empty pattern.
    assert_eq!(
        breaking(|it| it.get("pattern").is_some_and(|it| it == "")),
        Vec::<String>::new()
    );
    let known = ["uuid", "date-time", "email", "uri", "uri-reference"];
    let is_unknown = |it: &Value| it["format"].as_str().is_some_and(|it| !known.contains(&it));
    assert_eq!(breaking(is_unknown), Vec::<String>::new());
}

#[test]
fn every_parameter_says_what_it_is() {
    let is_silent = |it: &Value| it.get("in").is_some() && !it["description"].is_string();
    let mut silent = breaking(is_silent);
    // It has the schemes of sign-in, too.
    silent.retain(|path| path.contains("/parameters/"));
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn a_change_is_a_merge_patch() {
    // A generated client sends the first media type that is listed.
    let paths = document()["paths"].as_object().unwrap().values();
    for patch in paths.filter_map(|path| path.get("patch")) {
        let kinds = patch["requestBody"]["content"].as_object().unwrap().keys();
        assert_eq!(kinds.collect::<Vec<_>>(), ["application/merge-patch+json"]);
    }
}

#[test]
fn every_body_is_a_reference() {
    // In place, each becomes a type of its own beside the component.
    let is_body = |it: &Value| it.get("content").is_some_and(Value::is_object);
    let is_in_place = |it: &Value| {
        let mut bodies = it["content"].as_object().unwrap().iter();
        bodies.any(|(kind, body)| kind.contains("json") && body["schema"].get("$ref").is_none())
    };
    let mut in_place = breaking(|it| is_body(it) && is_in_place(it));
    // The document itself.
    in_place.retain(|path| !path.contains("openapi.json"));
    assert_eq!(in_place, Vec::<String>::new());
}

#[test]
fn what_is_absent_from_an_answer_is_not_null() {
    let schemas = document()["components"]["schemas"].as_object().unwrap();
    for name in [
        "FieldError",
        "OperationResult",
        "ProjectPage",
        "MyWorkspacePage",
        "MemberPage",
        "UserSummaryPage",
    ] {
        let schema = &schemas[name];
        let required = schema["required"].as_array().unwrap();
        for (property, its_schema) in schema["properties"].as_object().unwrap() {
            let may_be_null = its_schema.to_string().contains("\"null\"");
            assert!(
                required.contains(&property.as_str().into()) || !may_be_null,
                "{name}.{property}: {its_schema}"
            );
        }
    }
    let workspace = &schemas["Workspace"];
    assert!(
        workspace["properties"]["description"]["type"]
            .as_array()
            .unwrap()
            .contains(&"null".into())
    );
}

#[test]
fn codes_of_problems_are_open_to_new_ones() {
    let code = &document()["components"]["schemas"]["Problem"]["properties"]["code"];
    assert_eq!(code["type"], "string");
    assert!(code.get("enum").is_none());
}

#[test]
fn a_patch_takes_null_for_what_it_can_reset() {
    // What a client sets to null is sent as an additional property by some.
    let schemas = &document()["components"]["schemas"];
    for (patch, property, resets) in [
        ("UpdateWorkspace", "name", false),
        ("UpdateWorkspace", "description", true),
        ("UpdateProject", "tags", true),
        ("UpdateProject", "visibility", true),
    ] {
        let patch = &schemas[patch];
        assert!(patch.get("additionalProperties").is_none());
        let schema = patch["properties"][property].to_string();
        assert_eq!(schema.contains("\"null\""), resets, "{property}: {schema}");
    }
}
