//! Cosmos DB. The only module that names the SDK.

pub mod container;
pub mod items;
pub mod batch;
pub mod query;
mod operations;
mod observation;
pub mod definition;

pub mod etag;
pub mod error;
pub mod usage;
pub mod credential;
