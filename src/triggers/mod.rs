//! What the host runs without a caller, each in an invocation of its own.

pub mod reconcile_moves;

mod invocation;
mod unproxied;

pub use unproxied::no_such_route;
