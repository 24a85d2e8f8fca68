//! The handler's process, started and ended as the host does.

use super::app::App;
use super::connection::Connection;
use super::logs::{Logs, Stream};
use anyhow::{Context, bail, ensure};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const POLL: Duration = Duration::from_millis(25);
const START_LIMIT: Duration = Duration::from_secs(30);

/// Longer than any drain of a handler may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The running handler. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) logs: Logs,
    pub(crate) connection: Connection,
    command: Command,
    child: Child,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts the app's executable and waits until it answers `GET /`, whatever the answer.
    pub(crate) async fn start(app: &App, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = command(app, settings, port);
        let child = spawn(&mut command).await?;
        let mut process = Self {
            logs: Logs::default(),
            connection: Connection::to(port),
            command,
            child,
            readers: Vec::new(),
        };
        process.listen_until_ready().await?;
        Ok(process)
    }

    /// Kills it if it runs and starts it again on the same port.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        self.child = spawn(&mut self.command).await?;
        self.listen_until_ready().await
    }

    /// SIGKILL, as the host stops a handler. All it printed is in the logs afterwards.
    pub(crate) fn kill(&mut self) {
        // Both fail only when it has ended.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        self.finish_logs();
    }

    /// SIGTERM, as containers do before they kill. Returns how the handler ended by itself.
    pub(crate) async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(sent.success(), "kill -TERM {id} failed");
        match timeout(STOP_LIMIT, self.end()).await {
            Ok(status) => status,
            Err(_elapsed) => bail!("SIGTERM did not end it:\n{}", self.logs),
        }
    }

    async fn end(&mut self) -> anyhow::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.finish_logs();
                return Ok(status);
            }
            sleep(POLL).await;
        }
    }

    async fn listen_until_ready(&mut self) -> anyhow::Result<()> {
        let stdout = self.child.stdout.take().context("no stdout")?;
        let stderr = self.child.stderr.take().context("no stderr")?;
        self.readers.push(self.logs.collect(Stream::Stdout, stdout));
        self.readers.push(self.logs.collect(Stream::Stderr, stderr));
        match timeout(START_LIMIT, self.first_answer()).await {
            Ok(answered) => answered,
            Err(_elapsed) => bail!("not ready within 30 s:\n{}", self.logs),
        }
    }

    async fn first_answer(&mut self) -> anyhow::Result<()> {
        while !self.connection.is_answered().await {
            if let Some(status) = self.child.try_wait()? {
                self.finish_logs();
                bail!("ended before it was ready ({status}):\n{}", self.logs);
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    fn finish_logs(&mut self) {
        for reader in self.readers.drain(..) {
            // A reader that panicked has been reported on stderr.
            let _finished = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(app: &App, settings: &[(&str, &str)], port: u16) -> Command {
    let port = port.to_string();
    let worker = uuid::Uuid::new_v4().to_string();
    let kept = ["PATH", "HOME"].into_iter();
    let mut command = Command::new(app.executable());
    command
        .current_dir(&app.folder)
        .env_clear()
        .envs(kept.filter_map(|name| Some((name, std::env::var_os(name)?))))
        .envs(settings.iter().copied())
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", &port)
        .env("FUNCTIONS_HTTPWORKER_PORT", &port)
        .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", worker)
        .env("FUNCTIONS_APP_ROOT_PATH", &app.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A file that was just staged may be busy for a moment: a process forked meanwhile still has it open.
async fn spawn(command: &mut Command) -> anyhow::Result<Child> {
    let start = Instant::now();
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy
                    && start.elapsed() < START_LIMIT =>
            {
                sleep(POLL).await;
            }
            child => {
                let program = command.get_program().display();
                return child.with_context(|| format!("cannot start {program}"));
            }
        }
    }
}

/// A port below those that the system gives to outgoing connections, so that no other test's connection
/// sits on it while the handler is down.
fn free_port() -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    let start = std::process::id().wrapping_mul(97) % u32::from(COUNT);
    for _ in 0..COUNT {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from((start + step) % u32::from(COUNT))?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port")
}
