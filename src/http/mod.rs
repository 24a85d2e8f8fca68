//! What callers reach: one module per resource, and the types at the edge that they are made of.

pub mod workspaces;
pub mod members;
pub mod projects;
pub mod users;
pub mod health;
pub mod openapi;
pub mod docs;

pub mod request;
mod request_log;
pub mod admission;
mod body;
pub mod encoding;
pub mod caller;
mod path;
mod json;
mod idempotency;
mod list;
mod etag;
pub mod problem;
pub mod problem_type;
