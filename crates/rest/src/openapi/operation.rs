//! What the document says of one operation.

use super::schemas::{Reference, Schemas};
use crate::problem_type::{self as kinds, ProblemType};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

#[derive(Debug)]
pub enum Access {
    Open,
    Caller,
}

#[derive(Debug)]
pub struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    pub tag: &'static str,
    pub access: Access,
    pub body: Option<fn(&mut Schemas) -> Reference>,
    pub answers: &'static [Answer],
    pub query: &'static [Parameter],
    /// Whether a POST takes `If-Match`; the other methods that change something always do.
    pub if_match: bool,
    /// Beside what any request may meet, and what parameters and bodies bring.
    pub problems: &'static [&'static ProblemType],
}

/// Of a query: name, schema, whether it is required.
pub type Parameter = (&'static str, fn() -> Value, bool);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub description: &'static str,
    pub schema: Option<fn(&mut Schemas) -> Reference>,
    pub has_etag: bool,
}

pub const fn json<T: schemars::JsonSchema>(status: u16, description: &'static str) -> Answer {
    Answer {
        status,
        description,
        schema: Some(Schemas::answered::<T>),
        has_etag: false,
    }
}

#[must_use]
pub const fn versioned<T: schemars::JsonSchema>(status: u16, description: &'static str) -> Answer {
    Answer {
        has_etag: true,
        ..json::<T>(status, description)
    }
}

#[must_use]
pub const fn empty(status: u16, description: &'static str) -> Answer {
    Answer {
        status,
        description,
        schema: None,
        has_etag: status == 304,
    }
}

pub const GONE: Answer = empty(204, "It is gone");
pub const SAME: Answer = empty(304, "The caller has this version");

#[must_use]
pub const fn open(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        path,
        method: "get",
        id,
        summary,
        tag: "health",
        access: Access::Open,
        body: None,
        answers: &[],
        query: &[],
        if_match: false,
        problems: &[],
    }
}

#[must_use]
pub const fn protected(
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
) -> Operation {
    Operation {
        method,
        tag,
        access: Access::Caller,
        ..open(path, id, summary)
    }
}

/// The schema of a parameter of this type. Examples are for bodies: an id that is not there would be tried out.
#[must_use]
pub fn in_place<T: schemars::JsonSchema>() -> Value {
    let mut schema = SchemaGenerator::default().subschema_for::<T>();
    schema.remove("examples");
    schema.to_value()
}

/// `*`, or a list of entity tags (RFC 9110).
const ENTITY_TAGS: &str = r#"^[ \t,]*(\*|(W/)?"[!#-~]*"([ \t]*,[ \t,]*(W/)?"[!#-~]*")*)?[ \t,]*$"#;

impl Operation {
    pub(super) fn media_types(&self) -> &'static [&'static str] {
        match self.method {
            "patch" => &["application/merge-patch+json", "application/json"],
            _ => &["application/json"],
        }
    }

    /// Of the path, the query and the headers.
    pub(super) fn parameters(&self, path_schema: fn(&str) -> Value) -> Vec<Value> {
        let path = self.path_parameters().map(|name| {
            json!({"name": name, "in": "path", "required": true, "schema": path_schema(name)})
        });
        let query = self.query.iter().map(|(name, schema, required)| {
            json!({"name": name, "in": "query", "required": required, "schema": schema()})
        });
        let headers = self
            .headers()
            .into_iter()
            .map(|[name, pattern, description]| {
                let schema = json!({"type": "string", "pattern": pattern});
                json!({"name": name, "in": "header", "description": description, "schema": schema})
            });
        path.chain(query).chain(headers).collect()
    }

    /// Name, pattern and description.
    fn headers(&self) -> Vec<[&'static str; 3]> {
        let mut headers = Vec::new();
        if self.answers.iter().any(|answer| answer.status == 304) {
            let meaning = "Versions the caller has: 304 if it is one of them";
            headers.push(["If-None-Match", ENTITY_TAGS, meaning]);
        } else if self.takes_conditions() {
            let meaning = "Versions the change is not for: 412 if it is one of them, with `*` if there is any";
            headers.push(["If-None-Match", ENTITY_TAGS, meaning]);
        }
        if self.takes_conditions() {
            let meaning = "The version the request is for: 412 if it is another one";
            headers.push(["If-Match", ENTITY_TAGS, meaning]);
        }
        if self.method == "post" {
            let meaning =
                "Makes repeats safe for 24 hours: names the request among those of the caller";
            headers.push(["Idempotency-Key", "^[!-~]{0,255}$", meaning]);
        }
        headers
    }

    fn takes_conditions(&self) -> bool {
        let reads_one = self.answers.iter().any(|answer| answer.status == 304);
        reads_one || matches!(self.method, "patch" | "put" | "delete") || self.if_match
    }

    fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Every problem the operation may be answered with.
    pub(super) fn problems(&self) -> Vec<&'static ProblemType> {
        if let Access::Open = self.access {
            return vec![&kinds::METHOD_NOT_ALLOWED];
        }
        let mut problems = ALWAYS.to_vec();
        problems.extend(self.problems);
        if self.path.contains('{') {
            problems.extend([&kinds::INVALID_PARAMETER, &kinds::NOT_FOUND]);
        }
        if !self.query.is_empty() {
            problems.extend([&kinds::INVALID_PARAMETER, &kinds::INVALID_CONTINUATION]);
        }
        if self.takes_conditions() {
            problems.push(&kinds::PRECONDITION_FAILED);
        }
        if self.body.is_some() {
            problems.extend([
                &kinds::BODY_TOO_SLOW,
                &kinds::INVALID_PARAMETER,
                &kinds::BODY_TOO_LARGE,
                &kinds::UNSUPPORTED_MEDIA_TYPE,
                &kinds::VALIDATION_FAILED,
            ]);
        }
        if self.method != "get" {
            problems.push(&kinds::STORAGE_NOT_CONFIGURED);
        }
        problems.sort_by_key(|kind| kind.code);
        problems.dedup_by_key(|kind| kind.code);
        problems
    }
}

/// What any request to a protected route may meet.
const ALWAYS: [&ProblemType; 11] = [
    &kinds::MALFORMED_REQUEST,
    &kinds::UNAUTHENTICATED,
    &kinds::INSUFFICIENT_PERMISSION,
    &kinds::METHOD_NOT_ALLOWED,
    &kinds::THROTTLED,
    &kinds::PARTITION_FULL,
    &kinds::INTERNAL,
    &kinds::STORAGE_UNAVAILABLE,
    &kinds::OVERLOADED,
    &kinds::ISSUER_UNAVAILABLE,
    &kinds::DEADLINE_EXCEEDED,
];
