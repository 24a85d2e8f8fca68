//! The app on this machine: the handler on an emulated Cosmos DB.

use crate::process::{Process, wait_for};
use crate::stage::HANDLER;
use crate::{cargo, root};
use anyhow::{Context, bail, ensure};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;
use ureq::Agent;

const START_LIMIT: Duration = Duration::from_mins(1);

/// The text "made for local use" in base64; the emulator takes any key.
const KEY: &str = "bWFkZSBmb3IgbG9jYWwgdXNl";

/// What it is made of.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) emulator: PathBuf,
    pub(crate) host: PathBuf,
    pub(crate) handler: PathBuf,
}

/// Both processes. Dropped, they are stopped in this order: the handler finishes what it does while its
/// storage is there.
#[derive(Debug)]
pub(crate) struct LocalApp {
    pub(crate) base: String,
    /// The handler, or the Functions host in front of it.
    handler: Process,
    emulator: Process,
}

impl Programs {
    pub(crate) fn build(release: bool) -> anyhow::Result<Self> {
        if !release {
            let binaries = ["cosmos-emulator", "functions-host", HANDLER];
            let [emulator, host, handler] = cargo::build_for_tests(root(), binaries)?;
            return Ok(Self {
                emulator,
                host,
                handler,
            });
        }
        // Apart: built together, features would unify, and the handler is to be the one that is shipped.
        let [emulator, host] = cargo::build(root(), ["cosmos-emulator", "functions-host"], true)?;
        let [handler] = cargo::build(root(), [HANDLER], true)?;
        Ok(Self {
            emulator,
            host,
            handler,
        })
    }

    pub(crate) fn build_handler(release: bool) -> anyhow::Result<PathBuf> {
        let [handler] = if release {
            cargo::build(root(), [HANDLER], true)?
        } else {
            cargo::build_for_tests(root(), [HANDLER])?
        };
        Ok(handler)
    }

    /// One of the handler's subcommands.
    pub(crate) fn handler(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.handler);
        command.arg(subcommand);
        command
    }
}

impl LocalApp {
    /// Starts both on free ports. Returns when it is ready. `log` is the handler's log filter.
    pub(crate) fn start(programs: &Programs, log: &str) -> anyhow::Result<Self> {
        let (emulator, cosmos) = start_emulator(&programs.emulator, 0, None)?;
        let port = some_port(0)?;
        let mut handler = Command::new(&programs.handler);
        handler
            .envs(handler_settings(port, &cosmos))
            .env("RUST_LOG", log);
        let handler = Process::start("the handler", &mut handler)?;
        Self::ready(format!("http://127.0.0.1:{port}"), handler, emulator)
    }

    /// Returns when it is ready.
    pub(crate) fn ready(
        base: String,
        mut handler: Process,
        emulator: Process,
    ) -> anyhow::Result<Self> {
        wait_until_ready(&base, &mut handler)?;
        Ok(Self {
            base,
            handler,
            emulator,
        })
    }

    /// An error when one of the processes has ended.
    pub(crate) fn still_runs(&mut self) -> anyhow::Result<()> {
        self.handler.still_runs()?;
        self.emulator.still_runs()
    }
}

/// Holds the port, or says which flag chooses another one.
pub(crate) fn claim(port: u16, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let trouble = match error.kind() {
            io::ErrorKind::AddrInUse => "is taken".to_owned(),
            _ => format!("cannot be used ({error})"),
        };
        anyhow::anyhow!("port {port} {trouble}; choose another one with {flag} (0 = any free one)")
    })
}

/// The port is found here, so that it is known where to ask whether the handler is ready.
pub fn some_port(port: u16) -> anyhow::Result<u16> {
    Ok(claim(port, "--port")?.local_addr()?.port())
}

/// Returns the emulator's URL as well. `keep` is the folder that keeps its data.
pub(crate) fn start_emulator(
    program: &Path,
    port: u16,
    keep: Option<&Path>,
) -> anyhow::Result<(Process, String)> {
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string()]);
    if let Some(folder) = keep {
        command.arg("--keep").arg(folder);
    }
    command.stdout(Stdio::piped());
    let mut emulator = Process::start("the emulator", &mut command)?;
    let url = announced_url(&mut emulator)?;
    Ok((emulator, url))
}

/// The URL in the first line a process writes, once it listens. Its output must be piped.
pub fn announced_url(process: &mut Process) -> anyhow::Result<String> {
    let name = process.name;
    let lines = process
        .stdout()
        .map(lines)
        .with_context(|| format!("{name} has no output"))?;
    let ready = wait_for(name, Some(START_LIMIT), || match lines.try_recv() {
        Ok(line) => Ok(Some(line)),
        Err(TryRecvError::Empty) => Ok(None),
        Err(TryRecvError::Disconnected) => bail!("{name} ended before it was ready"),
    })?;
    let url = ready
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url.with_context(|| format!("{name} did not name its URL: {ready}"))?;
    eprintln!("{ready}");
    Ok(url.to_owned())
}

/// The first line comes through the channel, any other goes to the terminal.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (first, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Err(unread) = first.send(line) {
                eprintln!("{}", unread.0);
            }
        }
    });
    receiver
}

/// The handler's settings on this machine. `cosmos` is the endpoint.
pub fn handler_settings(port: u16, cosmos: &str) -> [(&'static str, String); 7] {
    [
        ("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string()),
        ("COSMOS_ENDPOINT", cosmos.to_owned()),
        ("COSMOS_DATABASE_NAME", "app".to_owned()),
        ("COSMOS_CONTAINER_ID", "items".to_owned()),
        ("COSMOS_KEY", KEY.to_owned()),
        ("COSMOS_DISABLE_IMDS", "true".to_owned()),
        ("AUTH_MODE", "dev".to_owned()),
    ]
}

/// The handler's own output is on the terminal; what its health says is added when it does not get ready.
fn wait_until_ready(base: &str, handler: &mut Process) -> anyhow::Result<()> {
    let url = format!("{base}/api/health/ready");
    eprintln!("waiting for {url}");
    let agent = agent();
    let mut last = "no answer".to_owned();
    wait_for(&url, Some(START_LIMIT), || {
        handler.still_runs()?;
        let Ok(mut response) = agent.get(&url).call() else {
            return Ok(None);
        };
        if response.status() == 200 {
            return Ok(Some(()));
        }
        last = response.body_mut().read_to_string().unwrap_or_default();
        // The Functions host's: it has given up.
        let is_gone = response.status() == 500 && last.is_empty();
        ensure!(!is_gone, "the handler cannot be started, see above");
        Ok(None)
    })
    .with_context(|| format!("the handler did not get ready; its health: {last}"))
}

/// Answers of any status are answers; nothing takes longer than 10 s.
pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None)
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_its_flag() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = claim(port, "--cosmos-port").unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "port {port} is taken; choose another one with --cosmos-port (0 = any free one)"
            )
        );
    }

    #[test]
    fn zero_is_any_free_port() {
        assert_ne!(some_port(0).unwrap(), 0);
    }
}
