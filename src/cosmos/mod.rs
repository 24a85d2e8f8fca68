//! Cosmos DB. The only module that names the SDK.

pub mod batch;
pub mod container;
pub mod items;
pub mod query;

mod credential;
pub mod error;
pub mod etag;
pub mod usage;
