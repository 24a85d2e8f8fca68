#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod edge;
pub mod context;
pub mod request;
pub mod request_log;
mod body;
mod encoding;
mod host;
mod json_value;
pub mod json;
pub mod path;
pub mod etag;
pub mod answer;
pub mod precondition;
pub mod idempotency;
pub mod list;
pub mod page;
pub mod continuation;

pub mod caller;
mod sign_in;
pub mod auth_settings;
pub mod identity;

pub mod violations;
pub mod patch;
pub mod entity;
pub mod text;
pub mod timestamp;
pub mod schema;

pub mod problem;
pub mod problem_type;
pub mod openapi;
pub mod docs;
pub mod health;
