//! The emulator as its callers see it: through the Cosmos SDK, and over plain HTTP where the SDK
//! would hide what is on the wire.

#![expect(clippy::unwrap_used, reason = "a helper that fails must fail its test")]

mod client;
mod wire;

mod containers;
mod items;
mod queries;

mod connections;
mod faults;
mod management;
mod requests;

mod expiry;
mod outage;
mod protocol;
mod regions;
