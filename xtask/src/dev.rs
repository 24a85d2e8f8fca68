//! `cargo dev`: the handler on an emulated Cosmos DB, until Ctrl-C.

use crate::process::{Process, listen_for_stop, told_to_stop, wait_for};
use crate::sample::{self, Sample};
use crate::{cargo, root};
use anyhow::{Context, bail};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;

const START_LIMIT: Duration = Duration::from_mins(1);

/// The text "made for local use" in base64; the emulator takes any key.
const KEY: &str = "bWFkZSBmb3IgbG9jYWwgdXNl";

#[derive(Debug, clap::Args)]
pub struct Options {
    /// The app's port; 0 = any free one.
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// The emulated Cosmos DB's port; 0 = any free one.
    #[arg(long, default_value_t = 8081)]
    cosmos_port: u16,
    /// Start without sample data.
    #[arg(long)]
    empty: bool,
    /// Build with optimisations.
    #[arg(long)]
    release: bool,
}

/// Builds, starts, seeds and says how to begin. Returns after Ctrl-C; fails when a process ends by itself.
pub fn run(options: &Options) -> anyhow::Result<()> {
    listen_for_stop()?;
    ports_are_free(options)?;
    // One by one: built together, features would unify.
    let emulator = cargo::build(
        root(),
        "cosmos-emulator",
        "cosmos-emulator",
        options.release,
    )?;
    let handler = cargo::build(root(), "cosmos-functions", "handler", options.release)?;

    let (emulator, cosmos) = start_emulator(&emulator, options.cosmos_port)?;
    let port = some_port(options.port)?;
    let mut handler = start_handler(&handler, port, &cosmos)?;
    let base = format!("http://127.0.0.1:{port}");
    wait_until_ready(&base, &mut handler)?;
    let sample = (!options.empty).then(|| sample::seed(&base)).transpose()?;
    println!("{}", welcome(&base, sample.as_ref()));

    // Stopped in this order: the handler finishes what it does while its storage is there.
    watch(&mut [handler, emulator])
}

/// Returns when told to stop. A process that ends by itself is an error.
fn watch(processes: &mut [Process]) -> anyhow::Result<()> {
    loop {
        let all_run = processes.iter_mut().try_for_each(Process::still_runs);
        // Asked after: Ctrl-C in a terminal reaches the children too.
        if told_to_stop() {
            return Ok(());
        }
        all_run?;
        thread::sleep(Duration::from_millis(100));
    }
}

fn ports_are_free(options: &Options) -> anyhow::Result<()> {
    // Both are held until both are seen, so that one port for both is found out.
    let _app = claim(options.port, "--port")?;
    let _cosmos = claim(options.cosmos_port, "--cosmos-port")?;
    Ok(())
}

fn claim(port: u16, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let trouble = match error.kind() {
            io::ErrorKind::AddrInUse => "is taken".to_owned(),
            _ => format!("cannot be used ({error})"),
        };
        anyhow::anyhow!("port {port} {trouble}; choose another one with {flag} (0 = any free one)")
    })
}

/// The port is found here, so that it is known where to ask whether the handler is ready.
fn some_port(port: u16) -> anyhow::Result<u16> {
    Ok(claim(port, "--port")?.local_addr()?.port())
}

/// Returns the emulator's URL as well.
fn start_emulator(program: &Path, port: u16) -> anyhow::Result<(Process, String)> {
    let mut command = Command::new(program);
    command
        .args(["--port", &port.to_string()])
        .stdout(Stdio::piped());
    let mut emulator = Process::start("the emulator", &mut command)?;
    let lines = emulator
        .stdout()
        .map(lines)
        .context("the emulator has no output")?;
    let ready = wait_for("the emulator", Some(START_LIMIT), || {
        match lines.try_recv() {
            Ok(line) => Ok(Some(line)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => bail!("the emulator ended before it was ready"),
        }
    })?;
    let url = ready
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url.with_context(|| format!("the emulator did not name its URL: {ready}"))?;
    eprintln!("{ready}");
    Ok((emulator, url.to_owned()))
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

fn start_handler(program: &Path, port: u16, cosmos: &str) -> anyhow::Result<Process> {
    let mut command = Command::new(program);
    command
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("COSMOS_ENDPOINT", cosmos)
        .env("COSMOS_DATABASE_NAME", "app")
        .env("COSMOS_CONTAINER_ID", "items")
        .env("COSMOS_KEY", KEY)
        .env("AUTH_MODE", "dev");
    Process::start("the handler", &mut command)
}

/// The handler's own output is on the terminal; what its health says is added when it does not get ready.
fn wait_until_ready(base: &str, handler: &mut Process) -> anyhow::Result<()> {
    let url = format!("{base}/api/health/ready");
    eprintln!("waiting for {url}");
    let agent = sample::agent();
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
        Ok(None)
    })
    .with_context(|| format!("the handler did not get ready; its health: {last}"))
}

fn welcome(base: &str, sample: Option<&Sample>) -> String {
    let [first, second, third] = sample::requests(base, sample);
    format!(
        "\n{base} is ready. Open {base}/api/docs, or try:\n\n  {first}\n  {second}\n  {third}\n\nCtrl-C stops.\n"
    )
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
