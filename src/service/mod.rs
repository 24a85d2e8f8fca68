//! What each request means: authorise, decide, store.

pub mod workspaces;
pub mod members;
pub mod projects;
pub mod project_list;
pub mod users;

pub mod call;
pub mod memberships;
pub mod page;
pub mod continuation;
pub mod precondition;
pub mod error;
