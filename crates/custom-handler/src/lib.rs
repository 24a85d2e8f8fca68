#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod admission;
pub mod envelope;
pub mod invocation;
pub mod serve;
pub mod settings;
pub mod telemetry;
pub mod tls;
pub mod unproxied;
pub mod uri;
