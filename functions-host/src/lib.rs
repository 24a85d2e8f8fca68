//! A stand-in for the Azure Functions host, to run and test a custom handler under.
//!
//! It reads a staged app (`host.json`, a folder with `function.json` for each function), starts its
//! handler, and passes requests on as the real host does: what that is has been observed with the
//! real one, and each module says which part of it it stands for. `README.md` says what is not there.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use functions_host::Host;
//!
//! let host = Host::start("dist/app".as_ref(), &[("GREETING", "hello")]).await?;
//! println!("callers reach it at {}/api", host.url());
//! host.invoke("sweep", serde_json::json!({})).await.map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
//! let line = host.logs().line_with("swept").await?;
//! assert_eq!(line.category, "Function.sweep.User");
//! # Ok(())
//! # }
//! ```

mod envelope;
mod functions;
mod host;
mod host_process;
mod logs;
mod template;

mod admin;
mod app;
mod body;
mod connection;
mod http_envelope;
mod path;
mod process;
mod proxy;
mod server;
mod spawn;

pub use envelope::{By, Failure, Outcome};
pub use functions::{Function, route};
pub use host::{Host, Options};
pub use host_process::HostProcess;
pub use logs::{Line, Logs, Severity};
pub use template::{Template, overlaps};
