//! Cosmos DB. The only module that names the SDK.

pub mod container;
pub mod items;
pub mod batch;
pub mod query;
mod operations;
mod observation;

pub mod etag;
pub mod error;
pub mod usage;
mod credential;
