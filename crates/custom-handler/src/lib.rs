#![doc = include_str!("../README.md")]

pub mod admission;
pub mod envelope;
pub mod invocation;
pub mod serve;
pub mod settings;
pub mod telemetry;
pub mod tls;
pub mod unproxied;
