//! The contract: OpenAPI 3.1, made of the types that handlers read and write.

pub mod operation;
mod forms;
pub mod schemas;
mod headers;

use super::problem::ProblemBody;
use super::problem_type::{self as kinds, ProblemType};
use headers::{
    ALLOW, DEGRADED, ETAG, Header, LOCATION, REQUEST_CHARGE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use operation::{Access, Answer, Operation};
use schemas::Schemas;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What an app offers, as its document has it.
#[derive(Debug)]
pub struct Contract {
    /// The API's name.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What holds for all operations, in Markdown.
    pub description: &'static str,
    /// The groups of operations, name and description, in the order to show them.
    pub tags: &'static [[&'static str; 2]],
    /// One for each method of each route.
    pub operations: &'static [Operation],
    /// The schema of a path parameter, by its name.
    pub path_schema: fn(&str) -> Value,
    /// The problems that only this app has.
    pub problems: &'static [&'static ProblemType],
    /// The document, once it was asked for.
    pub document: OnceLock<Value>,
}

impl Contract {
    /// A contract without operations, to be filled in.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            title: "",
            version: "",
            description: "",
            tags: &[],
            operations: &[],
            path_schema: |_| Value::Bool(true),
            problems: &[],
            document: OnceLock::new(),
        }
    }

    /// Every problem that an answer may have.
    pub fn all_problems(&self) -> impl Iterator<Item = &'static ProblemType> {
        kinds::ALL.iter().chain(self.problems).copied()
    }

    /// Returns the problem type with this code.
    #[must_use]
    pub fn problem(&self, code: &str) -> Option<&'static ProblemType> {
        self.all_problems().find(|kind| kind.code == code)
    }

    /// Returns the document, whatever the settings are.
    ///
    /// It is made when it is first asked for: a cold start does not wait for it.
    pub fn document(&self) -> &Value {
        self.document.get_or_init(|| self.write_document())
    }

    fn write_document(&self) -> Value {
        let mut schemas = Schemas::new();
        let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for operation in self.operations {
            let described = describe(operation, self.path_schema, &mut schemas);
            let path = paths.entry(operation.path).or_default();
            path.insert(operation.method.to_owned(), described);
        }
        schemas.answered::<ProblemBody<'_>>();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": self.title,
                "version": self.version,
                "description": self.description,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "tags": self.tags.iter().map(|[name, description]| json!({"name": name, "description": description})).collect::<Vec<_>>(),
            "paths": paths,
            "components": {
                "schemas": schemas.finish(),
                "securitySchemes": security_schemes(),
            },
        })
    }
}

fn security_schemes() -> Value {
    json!({
        "entra": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An Entra access token (AUTH_MODE=jwt), or App Service Authentication (easy-auth)",
        },
        "dev": {
            "type": "apiKey", "in": "header", "name": "x-dev-user",
            "description": "The caller's id (AUTH_MODE=dev)",
        },
    })
}

fn describe(operation: &Operation, path_schema: fn(&str) -> Value, schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": operation.parameters(path_schema),
        "responses": responses(operation, schemas),
    });
    if let Access::Caller = operation.access {
        described["security"] = json!([{"entra": []}, {"dev": []}]);
    }
    if let Some(body) = operation.body {
        let schema = body(schemas);
        let media_types = operation.media_types().iter();
        let content: Map<_, _> = media_types
            .map(|media_type| ((*media_type).to_owned(), json!({"schema": schema})))
            .collect();
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

fn responses(operation: &Operation, schemas: &mut Schemas) -> Map<String, Value> {
    let mut responses = Map::new();
    for answer in operation.answers {
        responses.insert(
            answer.status.to_string(),
            success(operation, answer, schemas),
        );
    }
    let mut problems: BTreeMap<u16, Vec<&ProblemType>> = BTreeMap::new();
    for kind in operation.problems() {
        problems.entry(kind.status.as_u16()).or_default().push(kind);
    }
    for (status, kinds) in problems {
        responses.insert(status.to_string(), problem(operation, status, &kinds));
    }
    responses
}

fn success(operation: &Operation, answer: &Answer, schemas: &mut Schemas) -> Value {
    let mut headers = storage_headers(operation);
    if answer.has_etag {
        // The answer to a repeat is as it was, and of no version when the resource has changed since.
        let repeats = operation.method == "post";
        headers.push(if repeats { ETAG.sometimes() } else { ETAG });
    }
    if answer.status == 201 {
        headers.push(LOCATION);
    }
    let headers = headers::described(&headers);
    let mut described = json!({"description": answer.description, "headers": headers});
    if let Some(schema) = answer.schema {
        described["content"] = json!({"application/json": {"schema": schema(schemas)}});
    }
    described
}

fn storage_headers(operation: &Operation) -> Vec<Header> {
    match operation.access {
        Access::Open => Vec::new(),
        Access::Caller => vec![REQUEST_CHARGE, DEGRADED],
    }
}

fn problem(operation: &Operation, status: u16, kinds: &[&ProblemType]) -> Value {
    let codes: Vec<_> = kinds
        .iter()
        .map(|kind| format!("`{}`", kind.code))
        .collect();
    let example = kinds.first().map(|kind| {
        json!({
            "type": kind.uri(), "title": kind.title, "status": status, "code": kind.code,
            "detail": kind.title, "instance": "urn:uuid:2f1a9c3e-0000-4000-8000-000000000000",
        })
    });
    let mut headers = storage_headers(operation);
    match status {
        // Found out before storage is touched.
        401 => headers = vec![WWW_AUTHENTICATE],
        403 => headers.push(WWW_AUTHENTICATE.sometimes()),
        405 => headers = vec![ALLOW],
        409 => headers.push(RETRY_AFTER.sometimes()),
        429 | 503 => headers.push(RETRY_AFTER),
        _ => {}
    }
    json!({
        "description": codes.join(", "),
        "headers": headers::described(&headers),
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": example,
        }},
    })
}
