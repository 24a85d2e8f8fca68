#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod settings;
pub mod container;
pub mod client;
mod knowledge;
mod health;
pub mod credential;
pub mod definition;

pub mod item;
pub mod scope;
pub mod items;
mod operations;
pub mod batch;
pub mod query;
pub mod etag;
pub mod write;
pub mod change;
pub mod idempotency;

pub mod error;
pub mod usage;
mod observation;
mod metrics;
