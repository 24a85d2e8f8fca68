//! The staged app under a small Functions host, and what must agree between the parts of the repository.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod requests;
mod life;
mod reconcile;
mod telemetry;
mod timers;
mod verify;

mod agreement;
mod architecture;
mod copy;
mod walk;

mod host_process;
mod lifetime;
mod staged;
