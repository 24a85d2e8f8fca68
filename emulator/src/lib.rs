//! An embedded Azure Cosmos DB account that answers the real wire protocol on loopback.
//!
//! The database is the in-memory emulator of the Cosmos driver; this crate puts it behind
//! HTTP/1.1 and HTTP/2 without TLS, expires items, and adds what tests need: faults, counts,
//! outages, several regions and a clock. `README.md` says which SDKs can use it for what.
//!
//! Credentials are not checked: any key works, as long as the SDK accepts its form (base64), and
//! so does the well-known key of Microsoft's own emulator. It therefore listens on 127.0.0.1 only.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use cosmos_emulator::{Emulator, Fault, Resource};
//!
//! let emulator = Emulator::start().await?;
//! println!("COSMOS_ENDPOINT={}", emulator.url());
//! emulator.inject(Fault {
//!     resource: Some(Resource::Item),
//!     status: Some(429),
//!     retry_after_ms: Some(10),
//!     times: Some(1),
//!     ..Fault::default()
//! })?;
//! # Ok(())
//! # }
//! ```

mod emulator;
mod options;

mod gateway;
mod management;
mod page;

mod answer;
mod absence;
mod batch;
mod limits;
mod patch;
mod prepare;
mod sql;

mod expiry;
mod fault;
mod faults;
mod kept;
mod recent;
mod recording;
mod requests;
mod snapshot;
mod time_to_live;

mod account;
mod container;
mod contents;
mod listener;
mod lock;
mod request;
mod resource;
mod resource_ids;

pub use emulator::Emulator;
pub use fault::{DropConnection, Fault, FaultId, FaultState};
pub use options::Options;
pub use recording::RecordedRequest;
pub use requests::{RequestCount, RequestFilter, Requests};
pub use resource::Resource;
