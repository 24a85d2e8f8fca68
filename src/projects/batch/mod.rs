//! Several changes to the projects of one workspace that happen together or not at all.

mod made;
pub mod service;

use crate::id::ProjectId;
use crate::projects::{CreateProject, Project, UpdateProject};
use rest::fields::{Body, FieldValue, Fields, Violation, must_be};
use rest::string_schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// With two items for each and a few more, a batch stays within Cosmos DB's 100 operations.
pub const MAX_OPERATIONS: usize = 30;

#[derive(Debug, Serialize, JsonSchema)]
pub struct ProjectBatch {
    /// 1 to 30, at most one for a project.
    #[schemars(length(min = 1, max = 30))]
    pub operations: Vec<Operation>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operation {
    Create {
        project: CreateProject,
    },
    Update {
        #[serde(rename = "projectId")]
        id: ProjectId,
        /// The version the change is for, as an `ETag` names it.
        #[schemars(with = "Version", default)]
        if_match: Option<Version>,
        patch: UpdateProject,
    },
    Delete {
        #[serde(rename = "projectId")]
        id: ProjectId,
        #[schemars(with = "Version", default)]
        if_match: Option<Version>,
    },
}

/// An `ETag`, quotes included, or `*` for any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Version(String);

string_schema!(Version, {
    "type": "string", "minLength": 1, "pattern": r#"^(\*|"[!#-~]*")$"#,
    "examples": ["*"],
});

/// What became of the operations, in their order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProjectBatchResult {
    pub results: Vec<OperationResult>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationResult {
    pub result: Done,
    /// As it is now; absent when it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// Absent in the answer to a repeat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Done {
    Created,
    Updated,
    Deleted,
}

impl Body for ProjectBatch {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let operations = fields.required::<Operations>("operations");
        fields.finish(operations.map(|Operations(operations)| Self { operations }))
    }
}

struct Operations(Vec<Operation>);

impl FieldValue for Operations {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let Value::Array(values) = json else {
            return Err(vec![Violation::new("", must_be("an array", &json))]);
        };
        if values.is_empty() || values.len() > MAX_OPERATIONS {
            let detail = format!(
                "must have 1 to {MAX_OPERATIONS} operations, not {}",
                values.len()
            );
            return Err(vec![Violation::new("", detail)]);
        }
        let (mut operations, mut violations) = (Vec::new(), Vec::new());
        let mut changed = HashSet::new();
        for (index, value) in values.into_iter().enumerate() {
            match Operation::parse(value) {
                Ok(operation) if operation.id().is_some_and(|id| !changed.insert(id)) => {
                    let at = format!("/{index}/projectId");
                    violations.push(Violation::new(at, "is in another operation, too"));
                }
                Ok(operation) => operations.push(operation),
                Err(found) => violations.extend(found.into_iter().map(|violation| Violation {
                    pointer: format!("/{index}{}", violation.pointer),
                    ..violation
                })),
            }
        }
        if violations.is_empty() {
            Ok(Self(operations))
        } else {
            Err(violations)
        }
    }
}

impl Operation {
    /// The project it changes; `None` when it makes one.
    #[must_use]
    pub fn id(&self) -> Option<ProjectId> {
        match self {
            Self::Create { .. } => None,
            Self::Update { id, .. } | Self::Delete { id, .. } => Some(*id),
        }
    }
}

impl FieldValue for Operation {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let Some(op) = fields.required::<Op>("op") else {
            return fields.only(None);
        };
        match op {
            Op::Create => {
                let project = fields.required("project");
                fields.finish(project.map(|project| Self::Create { project }))
            }
            Op::Update => {
                let (id, if_match) = (fields.required("projectId"), fields.optional("ifMatch"));
                let patch = fields.required("patch");
                fields.finish(id.zip(patch).map(|(id, patch)| Self::Update {
                    id,
                    if_match,
                    patch,
                }))
            }
            Op::Delete => {
                let (id, if_match) = (fields.required("projectId"), fields.optional("ifMatch"));
                fields.finish(id.map(|id| Self::Delete { id, if_match }))
            }
        }
    }
}

impl Version {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FieldValue for Version {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let text = <String as FieldValue>::parse(json)?;
        let quoted = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let is_tag = |tag: &str| {
            tag.bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"')
        };
        if text == "*" || quoted.is_some_and(is_tag) {
            return Ok(Self(text));
        }
        let detail = "must be an `ETag` with its quotes, or `*`";
        Err(vec![Violation::new("", detail)])
    }
}

enum Op {
    Create,
    Update,
    Delete,
}

impl FieldValue for Op {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        match json.as_str() {
            Some("create") => Ok(Self::Create),
            Some("update") => Ok(Self::Update),
            Some("delete") => Ok(Self::Delete),
            _ => Err(vec![Violation::new(
                "",
                "must be `create`, `update` or `delete`",
            )]),
        }
    }
}
