//! What callers reach: one module per resource, and the types at the edge that they are made of.

pub mod health;
pub mod projects;
pub mod workspaces;

mod caller;
mod etag;
mod json;
mod list;
mod path;
pub mod problem;
pub mod problem_type;
pub mod request;
