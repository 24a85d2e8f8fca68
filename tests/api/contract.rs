//! The OpenAPI document says what the handler does.

use crate::app::{Answer, App, Handler};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The headers that mean something to callers.
const HEADERS: [&str; 7] = [
    "allow",
    "etag",
    "location",
    "retry-after",
    "www-authenticate",
    "x-degraded",
    "x-ms-request-charge",
];

/// Checks that the document has an answer's status, headers and code. Every answer of every test is.
#[track_caller]
pub(crate) fn expect_described(method: &Method, path: &str, answer: &Answer) {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| cosmos_functions::contract::CONTRACT.document().clone());
    let Some(operation) = operation(&DOCUMENT, method, path) else {
        return;
    };
    let status = answer.status.as_str();
    let described = &operation["responses"][status];
    assert!(described.is_object(), "{method} {path} answers {status}");
    let headers = described["headers"].as_object().unwrap().iter();
    let headers: BTreeMap<_, _> = headers.map(|(name, h)| (name.to_lowercase(), h)).collect();
    for header in HEADERS {
        let value = answer.headers.get(header);
        let described = headers.get(header);
        assert!(
            value.is_none() || described.is_some(),
            "{method} {path} answers {status} with {header}"
        );
        assert!(
            value.is_some() || described.is_none_or(|header| header["required"] == false),
            "{method} {path} answers {status} without {header}"
        );
        assert!(
            value.is_none_or(|value| !value.is_empty()),
            "{method} {path} answers {status} with an empty {header}"
        );
    }
    if let Some(code) = answer.json["code"].as_str() {
        let codes = described["description"].as_str().unwrap();
        assert!(
            codes.contains(&format!("`{code}`")),
            "{method} {path} answers {status} {code}, not {codes}"
        );
    }
}

/// The operation a request reaches: where a literal segment and a parameter both fit, the literal's.
fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let paths = document["paths"].as_object().unwrap();
    let path = path.trim_end_matches('/');
    let template = template(paths.keys().map(String::as_str), path)?;
    paths[template].get(method.as_str().to_lowercase())
}

/// The template that a path is of.
pub(crate) fn template<'a>(
    templates: impl Iterator<Item = &'a str>,
    path: &str,
) -> Option<&'a str> {
    let fits = |template: &&str| {
        let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if our == their || our.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let fitting = templates.filter(fits);
    fitting.min_by_key(|template| template.matches('{').count())
}

async fn document() -> Value {
    let handler = Handler::start(&[]);
    let answer = handler.get("/api/openapi.json").await;
    answer.expect(StatusCode::OK).json
}

#[tokio::test]
async fn the_document_is_the_same_with_and_without_a_server() {
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_handler"))
        .arg("openapi")
        .env_clear()
        .output()
        .unwrap();
    assert!(printed.status.success());
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, document().await);
}

#[tokio::test]
async fn every_method_of_every_route_is_in_the_document_and_nothing_else() {
    let app = App::start().await;
    let mut routes = BTreeSet::new();
    for path in cosmos_functions::app::routes()
        .iter()
        .map(|route| route.path)
    {
        let of_the_api = path.starts_with("/api/") && !path.starts_with("/api/openapi");
        if !of_the_api || path.starts_with("/api/docs") {
            continue;
        }
        let trace = app.handler.request(Method::TRACE, path);
        let refused = Answer::of(trace).await;
        for method in refused.header("allow").split(',').filter(|m| *m != "HEAD") {
            routes.insert((path.to_owned(), method.to_lowercase()));
        }
    }
    let document = document().await;
    let paths = document["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| (path.clone(), method.clone()))
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), routes);
}

/// The table of docs/problems.md.
fn table() -> String {
    let kinds = cosmos_functions::contract::CONTRACT.all_problems();
    let rows = kinds.map(|kind| {
        let status = kind.status.as_u16();
        format!(
            "| `{}` | {status} | {} | {} |\n",
            kind.code, kind.meaning, kind.advice
        )
    });
    rows.collect()
}

#[test]
fn the_page_of_problems_has_them_all() {
    let page = std::fs::read_to_string(xtask::root().join("docs/problems.md")).unwrap();
    assert!(
        page.contains(&table()),
        "docs/problems.md must have\n{}",
        table()
    );
}

/// Every `$ref` of the document leads somewhere.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.push(reference.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document().await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn bodies_are_components_and_none_but_patches_may_have_further_fields() {
    let document = document().await;
    let mut bodies = 0;
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            let Some(content) = operation.pointer("/requestBody/content") else {
                continue;
            };
            for media in content.as_object().unwrap().values() {
                let reference = media["schema"]["$ref"].as_str().unwrap();
                let schema = document.pointer(&reference[1..]).unwrap();
                let expected = if reference.contains("/Update") {
                    Value::Null
                } else {
                    false.into()
                };
                assert_eq!(schema["additionalProperties"], expected, "{reference}");
                bodies += 1;
            }
        }
    }
    assert!(bodies > 3);
}
