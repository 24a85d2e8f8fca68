//! The contract: OpenAPI 3.1, made of the types that handlers read and write.

mod operations;
mod operation;
mod headers;

use super::encoding::{TakesGzip, compressed};
use super::etag::IfNoneMatch;
use super::problem::ProblemBody;
use super::problem_type::{self as kinds, ProblemType};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::Response;
use headers::{
    ALLOW, DEGRADED, ETAG, Header, LOCATION, REQUEST_CHARGE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use operation::{Access, Answer, Operation};
use operations::OPERATIONS;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What holds for all operations.
const DESCRIPTION: &str = "\
Workspaces with members, and projects in them.

- **Versions**: a single resource has an `ETag`. `If-None-Match` answers 304, `If-Match` makes a change only to that version, else 412.
- **Repeats**: a POST with an `Idempotency-Key` is done once; the same key gets the first answer for 24 hours.
- **Errors** are problem details (RFC 9457) with a stable `code`; their `type` leads to what it means and what to do.
- **Cost**: `x-ms-request-charge` is what an answer cost in request units of Cosmos DB.";

/// The groups of operations, in the order to show them.
const TAGS: [[&str; 2]; 5] = [
    ["workspaces", "What belongs together, and who may see it"],
    ["members", "Who may do what in a workspace"],
    ["projects", "What is in a workspace"],
    ["users", "Profiles of callers"],
    ["health", "Whether it runs, and whether it works"],
];

/// `GET /api/openapi.json`
pub async fn get(known: IfNoneMatch, TakesGzip(gzip): TakesGzip) -> Response {
    // Made when it is first asked for: a cold start does not wait for it.
    static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| document().to_string().into_bytes());
    static COMPRESSED: LazyLock<Vec<u8>> = LazyLock::new(|| compressed(&PLAIN));
    let json = (CONTENT_TYPE, "application/json");
    if gzip {
        return known.file(
            [json, (CONTENT_ENCODING, "gzip")],
            COMPRESSED.as_slice().into(),
        );
    }
    known.file([json], PLAIN.as_slice().into())
}

/// The document, whatever the settings are.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in OPERATIONS {
        let described = describe(operation, &mut schemas);
        let path = paths.entry(operation.path).or_default();
        path.insert(operation.method.to_owned(), described);
    }
    schemas.answered::<ProblemBody<'_>>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cosmos-functions",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": TAGS.map(|[name, description]| json!({"name": name, "description": description})),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": {
                "entra": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An Entra access token (AUTH_MODE=jwt), or App Service Authentication (easy-auth)",
                },
                "dev": {
                    "type": "apiKey", "in": "header", "name": "x-dev-user",
                    "description": "The caller's id (AUTH_MODE=dev)",
                },
            },
        },
    })
}

/// Schemas by name: what callers send, and what they get.
pub(super) struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

/// A schema's reference.
pub(super) type Reference = Value;

impl Schemas {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            sent: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    pub(super) fn sent<T: schemars::JsonSchema>(&mut self) -> Reference {
        let mut schema = self.sent.root_schema_for::<T>();
        // They are with the others already.
        schema.remove("components");
        as_sent(&mut schema);
        schema.to_value()
    }

    pub(super) fn answered<T: schemars::JsonSchema>(&mut self) -> Reference {
        self.answered.subschema_for::<T>().to_value()
    }

    fn finish(mut self) -> Map<String, Value> {
        let mut all = self.answered.take_definitions(true);
        for (name, schema) in self.sent.take_definitions(true) {
            let mut schema = Schema::try_from(schema).unwrap_or_default();
            as_sent(&mut schema);
            all.insert(name, schema.to_value());
        }
        all
    }
}

/// Unknown fields are refused, and what is absent is absent: there is no null that stands for it.
fn as_sent(schema: &mut Schema) {
    let mut strict = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("properties").is_some() {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
    });
    strict.transform(schema);
}

fn describe(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": operation.parameters(),
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
            "detail": kind.title, "instance": "2f1a9c3e-0000-4000-8000-000000000000",
        })
    });
    let mut headers = storage_headers(operation);
    match status {
        // Found out before storage is touched.
        401 => headers = vec![WWW_AUTHENTICATE],
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

/// What any request to a protected route may meet.
const ALWAYS: [&ProblemType; 9] = [
    &kinds::MALFORMED_REQUEST,
    &kinds::UNAUTHENTICATED,
    &kinds::METHOD_NOT_ALLOWED,
    &kinds::THROTTLED,
    &kinds::INTERNAL,
    &kinds::STORAGE_UNAVAILABLE,
    &kinds::OVERLOADED,
    &kinds::ISSUER_UNAVAILABLE,
    &kinds::DEADLINE_EXCEEDED,
];
