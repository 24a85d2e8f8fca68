//! What each request means: authorise, decide, store.

pub mod workspaces;
pub mod deletion;
pub mod members;
pub mod projects;
pub mod project_list;
pub mod project_batch;
pub mod moves;
pub mod reconciliation;
pub mod users;

pub mod call;
pub mod memberships;
mod slugs;
pub mod page;
pub mod continuation;
pub mod precondition;
pub mod error;
