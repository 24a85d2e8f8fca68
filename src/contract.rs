//! The contract of this app.

mod operations;
mod parameters;

use crate::id::{ProjectId, WorkspaceId};
use crate::problems;
use crate::projects::slug::Slug;
use operations::OPERATIONS;
use rest::identity::UserId;
use rest::openapi::Contract;
use rest::openapi::operation::in_place;
use serde_json::Value;
use std::sync::OnceLock;

/// The contract of this app.
pub static CONTRACT: Contract = Contract {
    title: "cosmos-functions",
    version: env!("CARGO_PKG_VERSION"),
    description: DESCRIPTION,
    tags: &TAGS,
    operations: OPERATIONS,
    path_schema,
    problems: problems::ALL,
    document: OnceLock::new(),
};

/// What holds for all operations.
const DESCRIPTION: &str = "\
Workspaces with members, and projects in them.

- **Versions**: a single resource has an `ETag`. `If-None-Match` answers 304, `If-Match` makes a change only to that version, else 412.
- **Repeats**: a POST with an `Idempotency-Key` is done once; for 24 hours the same key of the same caller in the same workspace gets the first answer.
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

fn path_schema(name: &str) -> Value {
    match name {
        "slug" => in_place::<Slug>(),
        "userId" => in_place::<UserId>(),
        "projectId" => in_place::<ProjectId>(),
        _ => in_place::<WorkspaceId>(),
    }
}
