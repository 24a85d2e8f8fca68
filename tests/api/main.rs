//! The API as callers meet it: the real binary, an emulated Cosmos DB, HTTP between them.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]
#![expect(
    clippy::too_many_lines,
    reason = "tables of cases, and orders of events"
)]

mod conformance;
mod workspaces;
mod members;
mod memberships;
mod projects;
mod project_lists;
mod batches;
mod moves;
mod interrupted_moves;
mod lost_answers;
mod users;
mod etags;
mod idempotency;
mod access;
mod isolation;
mod tokens;
mod token_issuers;
mod easy_auth;
mod credentials;
mod secrets;
mod logs;
mod log_volume;
mod stored;
mod stored_moves;
mod telemetry;
mod contract;
mod contract_forms;
mod docs;
mod bad_input;
mod bad_paths;
mod http;
mod degradation;
mod health;
mod container;
mod races;
mod overload;
mod request_charge;
mod failures;
mod faults;
mod crashes;
mod model;
mod doctor;

mod app;
mod workload;
mod issuer;
mod receiver;
mod identity;
mod tls;
