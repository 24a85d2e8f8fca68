//! The emulator as its callers see it: through the Cosmos SDK, and over plain HTTP where the SDK
//! would hide what is on the wire.

#![expect(clippy::unwrap_used, reason = "a helper that fails must fail its test")]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases, and orders of events"
)]

mod client;
mod wire;

mod bulk;
mod containers;
mod endurance;
mod items;
mod limits;
mod links;
mod patches;
mod plans;
mod queries;
mod sql;

mod connections;
mod faults;
mod management;
mod requests;
mod snapshot;

mod expiry;
mod kept;
mod outage;
mod protocol;
mod regions;
