//! Pages in a real browser.
//!
//! They need Chromium and its driver (Debian: `chromium`, `chromium-driver`).

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod data;
mod docs;

mod chromium;
mod dev;
