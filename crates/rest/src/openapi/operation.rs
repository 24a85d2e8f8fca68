//! What the document says of one operation.

use super::headers::{
    self, ALLOW, DEGRADED, ETAG, Header, LOCATION, REQUEST_CHARGE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use super::schemas::{Schemas, enumerate};
use crate::problem_type::{self as kinds, ProblemType};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An operation while its arguments and its answer describe it.
#[derive(Debug)]
pub struct Operation<'a> {
    method: &'static str,
    schemas: &'a mut Schemas,
    is_for_callers: bool,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<u16, Answer>,
    problems: Vec<&'static ProblemType>,
}

#[derive(Debug)]
struct Answer {
    description: String,
    schema: Option<Value>,
    has_etag: bool,
}

/// `*`, or a list of entity tags (RFC 9110).
const ENTITY_TAGS: &str = r#"^[ \t,]*(\*|(W/)?"[!#-~]*"([ \t]*,[ \t,]*(W/)?"[!#-~]*")*)?[ \t,]*$"#;

/// Returns the schema of a parameter of this type. Examples are for bodies: an id that is not there would be tried out.
pub fn in_place<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = SchemaGenerator::from(settings).subschema_for::<T>();
    schema.remove("examples");
    enumerate(&mut schema);
    schema.to_value()
}

impl<'a> Operation<'a> {
    pub(super) fn new(method: &'static str, schemas: &'a mut Schemas) -> Self {
        Self {
            method,
            schemas,
            is_for_callers: false,
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            problems: vec![&kinds::METHOD_NOT_ALLOWED],
        }
    }

    /// Only signed-in callers may use it.
    pub fn for_callers(&mut self) {
        self.is_for_callers = true;
        self.problems(&FOR_CALLERS);
        if self.method != "get" {
            self.problems(&[&kinds::STORAGE_NOT_CONFIGURED, &kinds::CONTENDED]);
        }
    }

    /// It may be answered with these.
    pub fn problems(&mut self, problems: &[&'static ProblemType]) {
        self.problems.extend(problems);
    }

    /// It names a `T` in the path.
    pub fn path<T: JsonSchema>(&mut self, name: &str) {
        self.parameter(name, "path", in_place::<T>(), true);
        self.problems(&[&kinds::NOT_FOUND]);
    }

    /// It has a parameter in the query.
    pub fn query(&mut self, name: &str, schema: Value, required: bool) {
        self.parameter(name, "query", schema, required);
    }

    /// Editors and generators look for the description beside the schema, not in it.
    fn parameter(&mut self, name: &str, place: &str, mut schema: Value, required: bool) {
        let description = schema
            .as_object_mut()
            .and_then(|schema| schema.remove("description"));
        self.parameters.push(json!({
            "name": name, "in": place, "description": description, "required": required, "schema": schema,
        }));
        self.problems(&[&kinds::INVALID_PARAMETER]);
    }

    /// It reads a header whose value matches `pattern`.
    pub fn header(&mut self, name: &str, pattern: &str, meaning: &str) {
        let schema = json!({"type": "string", "pattern": pattern});
        let parameter =
            json!({"name": name, "in": "header", "description": meaning, "schema": schema});
        self.parameters.push(parameter);
    }

    pub(crate) fn conditions(&mut self) {
        let if_none_match = if self.method == "get" {
            "Versions the caller has: 304 if the latest is one of them."
        } else {
            "Versions the change is not for: 412 if the latest is one of them; with `*`, if there is any."
        };
        self.header("If-None-Match", ENTITY_TAGS, if_none_match);
        let if_match = "The version the request is for: 412 if the latest is another one.";
        self.header("If-Match", ENTITY_TAGS, if_match);
        self.problems(&[&kinds::PRECONDITION_FAILED]);
    }

    /// Its body is a `T`.
    pub(crate) fn body<T: JsonSchema>(&mut self) {
        self.body = Some(self.schemas.sent::<T>());
        self.problems(&[
            &kinds::BODY_TOO_SLOW,
            &kinds::INVALID_PARAMETER,
            &kinds::BODY_TOO_LARGE,
            &kinds::UNSUPPORTED_MEDIA_TYPE,
            &kinds::VALIDATION_FAILED,
        ]);
    }

    /// It is answered with a `T`.
    pub fn answer<T: JsonSchema>(&mut self, status: u16, description: impl Into<String>) {
        let schema = self.schemas.answered::<T>();
        self.insert(status, description.into(), Some(schema), false);
    }

    /// It is answered with a `T` and its version.
    pub fn versioned<T: JsonSchema>(&mut self, status: u16, description: impl Into<String>) {
        let schema = self.schemas.answered::<T>();
        self.insert(status, description.into(), Some(schema), true);
    }

    /// It is answered without a body.
    pub fn empty(&mut self, status: u16, description: &str) {
        self.insert(status, description.to_owned(), None, status == 304);
    }

    fn insert(&mut self, status: u16, description: String, schema: Option<Value>, has_etag: bool) {
        let answer = Answer {
            description,
            schema,
            has_etag,
        };
        self.answers.insert(status, answer);
    }

    pub(super) fn finish(mut self, id: &str, summary: &str, tag: &str) -> Value {
        let responses = self.responses();
        let mut described = json!({
            "operationId": id,
            "summary": summary,
            "tags": [tag],
            "parameters": self.parameters,
            "responses": responses,
        });
        if self.is_for_callers {
            described["security"] = json!([{"entra": []}, {"dev": []}]);
        }
        if let Some(schema) = &self.body {
            // A generated client sends the first type that is listed.
            let media_type = match self.method {
                "patch" => "application/merge-patch+json",
                _ => "application/json",
            };
            let content = json!({media_type: {"schema": schema}});
            described["requestBody"] = json!({"required": true, "content": content});
        }
        described
    }

    fn responses(&mut self) -> Map<String, Value> {
        let mut responses = Map::new();
        for (status, answer) in &self.answers {
            responses.insert(status.to_string(), self.success(*status, answer));
        }
        let mut problems: BTreeMap<u16, Vec<&ProblemType>> = BTreeMap::new();
        self.problems.sort_by_key(|kind| kind.code);
        self.problems.dedup_by_key(|kind| kind.code);
        for kind in &self.problems {
            problems.entry(kind.status.as_u16()).or_default().push(kind);
        }
        for (status, kinds) in problems {
            responses.insert(status.to_string(), self.problem(status, &kinds));
        }
        responses
    }

    fn success(&self, status: u16, answer: &Answer) -> Value {
        let mut headers = self.storage_headers();
        if answer.has_etag {
            // The answer to a repeat is as it was, and of no version if the resource has changed since.
            let repeats = self.method == "post";
            headers.push(if repeats { ETAG.sometimes() } else { ETAG });
        }
        if status == 201 {
            headers.push(LOCATION);
        }
        let headers = headers::described(&headers);
        let mut described = json!({"description": answer.description, "headers": headers});
        if let Some(schema) = &answer.schema {
            described["content"] = json!({"application/json": {"schema": schema}});
        }
        described
    }

    fn storage_headers(&self) -> Vec<Header> {
        if self.is_for_callers {
            vec![REQUEST_CHARGE.sometimes(), DEGRADED.sometimes()]
        } else {
            Vec::new()
        }
    }

    fn problem(&self, status: u16, kinds: &[&ProblemType]) -> Value {
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
        let mut headers = self.storage_headers();
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
}

/// What any request to a protected route may be answered with.
const FOR_CALLERS: [&ProblemType; 10] = [
    &kinds::MALFORMED_REQUEST,
    &kinds::UNAUTHENTICATED,
    &kinds::INSUFFICIENT_PERMISSION,
    &kinds::THROTTLED,
    &kinds::PARTITION_FULL,
    &kinds::INTERNAL,
    &kinds::STORAGE_UNAVAILABLE,
    &kinds::OVERLOADED,
    &kinds::ISSUER_UNAVAILABLE,
    &kinds::DEADLINE_EXCEEDED,
];
