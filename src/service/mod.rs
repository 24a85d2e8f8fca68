//! What each request means: authorise, decide, store.

pub mod project_list;
pub mod projects;
pub mod workspaces;

pub mod continuation;
pub mod error;
pub mod page;
pub mod precondition;
