//! The contract: OpenAPI 3.1, made of the routes and what their handlers take and answer.
//!
//! Extractors and answers describe themselves ([`Describe`]); a [`Route`] adds an id, a summary and a tag to each
//! method.

mod describe;
mod headers;
mod operation;
mod route;
mod schemas;

pub use self::describe::{Describe, Describes};
pub use self::operation::{Operation, in_place};
pub use self::route::{Method, Route};

use super::problem::ProblemBody;
use super::problem_type::{self as kinds, ProblemType};
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
    /// Returns every method of every route.
    pub methods: fn() -> Vec<Method>,
    /// The problems that only this app has.
    pub problems: &'static [&'static ProblemType],
    /// The document, once it was asked for.
    pub document: OnceLock<Value>,
}

impl Contract {
    /// A contract with the methods of every route, to be described further.
    pub const fn new(
        title: &'static str,
        version: &'static str,
        methods: fn() -> Vec<Method>,
    ) -> Self {
        Self {
            title,
            version,
            description: "",
            tags: &[],
            methods,
            problems: &[],
            document: OnceLock::new(),
        }
    }

    /// Every problem that an answer may have.
    pub fn all_problems(&self) -> impl Iterator<Item = &'static ProblemType> {
        kinds::ALL.iter().chain(self.problems).copied()
    }

    /// Returns the problem type with this code.
    pub(crate) fn problem(&self, code: &str) -> Option<&'static ProblemType> {
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
        for method in (self.methods)() {
            let path = paths.entry(method.path).or_default();
            path.insert(method.name.to_owned(), method.describe(&mut schemas));
        }
        schemas.answered::<ProblemBody<'_>>();
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|[name, description]| json!({"name": name, "description": description}))
            .collect();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": self.title,
                "version": self.version,
                "description": self.description,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            // Paths begin at the root of wherever the document came from.
            "servers": [{"url": "/"}],
            "tags": tags,
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
