//! Entities in their five roles (base, create, update, stored, response) and the rules they keep.
//!
//! Nothing here does I/O, knows HTTP or the SDK, or reads a clock.

pub mod workspace;
pub mod project;
pub mod project_batch;
pub mod user;
pub mod member;
pub mod access;
pub mod caller;
pub mod movement;
pub mod idempotency;

pub mod item;
pub mod write;
pub mod id;
pub mod slug;
pub mod text;
pub mod tags;
pub mod timestamp;
pub mod fields;
mod schema;
