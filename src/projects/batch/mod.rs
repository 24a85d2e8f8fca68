//! Several changes to the projects of one workspace that happen together or not at all.

pub mod http;
pub mod service;
mod made;

use crate::projects::id::ProjectId;
use crate::projects::{Project, ProjectFields};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use rest::entity::Create;
use rest::patch::Patch;
use rest::string_schema;
use rest::violations::{Violations, read_array, wrong};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// With two items for each and a few more, a batch stays within Cosmos DB's 100 operations.
pub const MAX_OPERATIONS: usize = 30;

#[derive(Debug, Serialize, Deserr, JsonSchema)]
#[deserr(error = Violations, deny_unknown_fields)]
pub struct ProjectBatch {
    /// 1 to 30, at most one for a project.
    #[schemars(with = "Vec<Operation>", length(min = 1, max = 30))]
    pub operations: Operations,
}

/// The operations of a batch: at most one for a project.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Operations(pub Vec<Operation>);

/// One change. `create` needs `project`; `update` needs `projectId` and `patch`; `delete` needs `projectId`.
#[derive(Debug, Serialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProjectOperation")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
struct Flat {
    op: Op,
    /// The project that it changes.
    #[deserr(default)]
    #[serde(default)]
    project_id: Option<ProjectId>,
    /// The version that the change is for.
    #[deserr(default)]
    #[serde(default)]
    if_match: Option<Version>,
    #[deserr(default)]
    #[serde(default)]
    project: Option<Create<ProjectFields>>,
    #[deserr(default)]
    #[serde(default)]
    patch: Option<Patch<ProjectFields>>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Violations, rename_all = camelCase)]
enum Op {
    Create,
    Update,
    Delete,
}

/// One change of a batch.
#[derive(Debug, Serialize)]
pub enum Operation {
    Create(Create<ProjectFields>),
    Update(ProjectId, Option<Version>, Patch<ProjectFields>),
    Delete(ProjectId, Option<Version>),
}

/// An `ETag`, quotes included, or `*` for any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserr)]
#[serde(transparent)]
#[deserr(error = Violations, try_from(&String) = Version::parse -> String)]
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

impl Deserr<Violations> for Operations {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let mut changed = HashSet::new();
        let check = |_before: &[Operation], operation: &Operation, at: ValuePointerRef| {
            let repeats = operation.id().is_some_and(|id| !changed.insert(id));
            let detail = "is in another operation, too";
            repeats.then(|| wrong(at.push_key("projectId"), detail.to_owned()))
        };
        read_array(value, location, 1..=MAX_OPERATIONS, check).map(Self)
    }
}

impl Deserr<Violations> for Operation {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let json = serde_json::Value::deserialize_from_value(value, location)?;
        let misplaced = misplaced(&json, location);
        let flat = Flat::deserialize_from_value(json.into_value(), location);
        let flat = match (flat, misplaced) {
            (Ok(flat), None) => flat,
            (Ok(_), Some(misplaced)) => return Err(misplaced),
            (Err(found), misplaced) => return Err(found.after(misplaced)),
        };
        let operation = match (flat.op, flat.project_id, flat.project, flat.patch) {
            (Op::Create, _, Some(project), _) => Some(Self::Create(project)),
            (Op::Update, Some(id), _, Some(patch)) => Some(Self::Update(id, flat.if_match, patch)),
            (Op::Delete, Some(id), ..) => Some(Self::Delete(id, flat.if_match)),
            _ => None,
        };
        operation.ok_or_else(|| wrong(location, "is incomplete".to_owned()))
    }
}

/// The fields that an operation must not have, and those that it lacks.
fn misplaced(json: &serde_json::Value, location: ValuePointerRef) -> Option<Violations> {
    let (needed, allowed): (&[&str], &[&str]) = match json["op"].as_str()? {
        "create" => (&["project"], &[]),
        "update" => (&["projectId", "patch"], &["ifMatch"]),
        "delete" => (&["projectId"], &["ifMatch"]),
        _ => return None,
    };
    let mut found = None;
    for field in ["projectId", "ifMatch", "project", "patch"] {
        let detail = match (needed.contains(&field), json[field].is_null()) {
            (true, true) => "is required",
            (false, false) if !allowed.contains(&field) => "is not a field of this operation",
            _ => continue,
        };
        found = Some(wrong(location.push_key(field), detail.to_owned()).after(found));
    }
    found
}

impl JsonSchema for Operation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Flat::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Flat::json_schema(generator)
    }
}

impl Operation {
    /// The project it changes; `None` when it makes one.
    pub fn id(&self) -> Option<ProjectId> {
        match self {
            Self::Create(_) => None,
            Self::Update(id, ..) | Self::Delete(id, _) => Some(*id),
        }
    }
}

impl Version {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the version, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let quoted = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let is_tag = |tag: &str| {
            tag.bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"')
        };
        if text == "*" || quoted.is_some_and(is_tag) {
            return Ok(Self(text.to_owned()));
        }
        Err("must be an `ETag` with its quotes, or `*`".to_owned())
    }
}
