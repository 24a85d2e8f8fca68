//! The contract of this app.

use crate::{app, problems};
use rest::openapi::{Contract, Method};
use std::sync::OnceLock;

/// The contract of this app.
pub static CONTRACT: Contract = Contract {
    title: "cosmos-functions",
    version: env!("CARGO_PKG_VERSION"),
    description: DESCRIPTION,
    tags: TAGS,
    methods,
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
const TAGS: &[[&str; 2]] = &[
    ["workspaces", "What belongs together, and who may see it"],
    ["members", "Who may do what in a workspace"],
    ["projects", "What is in a workspace"],
    ["users", "Profiles of callers"],
    ["health", "Whether it runs, and whether it works"],
];

fn methods() -> Vec<Method> {
    let routes = app::routes().into_iter();
    routes.flat_map(|route| route.methods).collect()
}
