//! A handler under the host. The tests are named for what is known of the real host.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod stand_in;
