//! The handler's process: started, watched, started again and ended as the host does.

use super::app::App;
use super::connection::Connection;
use super::host::Options;
use super::logs::{Logs, Severity, Stream};
use super::spawn::{command, free_port};
use anyhow::{Context, bail, ensure};
use std::io::ErrorKind;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, RwLockReadGuard, watch};
use tokio::time::{sleep, timeout};

/// How often `GET /` asks whether the handler is ready, and how often it is looked after.
const POLL: Duration = Duration::from_millis(28);
/// A handler that does not listen by then is started again.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(30);
/// Failures within [`FORGOTTEN_AFTER`] that stop the host.
const FAILURES: usize = 3;
const FORGOTTEN_AFTER: Duration = Duration::from_mins(30);
/// Of a handler that ended on purpose, to be started again.
const RESTART: i32 = 200;
/// Longer than any drain of a handler that a test waits for.
const STOP_LIMIT: Duration = Duration::from_mins(1);

/// A handler that is replaced gets this time to answer, and then to end.
const LEAVE_LIMIT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Requests wait.
    Starting,
    Ready,
    /// Nothing starts it again; requests are 500.
    Ended,
}

/// The handler, looked after. Dropping it kills the handler.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) logs: Logs,
    pub(crate) connection: Connection,
    pub(crate) state: watch::Sender<State>,
    exits: watch::Sender<Vec<ExitStatus>>,
    /// Held for reading by requests that the handler has not answered yet.
    unanswered: RwLock<()>,
    running: Mutex<Running>,
    start_limit: Duration,
}

#[derive(Debug)]
struct Running {
    command: Command,
    child: Option<Child>,
    readers: Vec<JoinHandle<()>>,
    started: Instant,
    failures: Vec<Instant>,
    /// Whether a handler that is not there is to be started.
    wanted: bool,
    /// Whether the handler was told to end, for another one to take its place.
    leaving: bool,
}

impl Process {
    /// Starts the app's executable, and looks after it until it is dropped.
    pub(crate) fn start(
        app: &App,
        settings: &[(&str, &str)],
        options: &Options,
        logs: Logs,
    ) -> anyhow::Result<Arc<Self>> {
        let port = free_port()?;
        let process = Arc::new(Self {
            logs,
            connection: Connection::to(port),
            state: watch::Sender::new(State::Starting),
            exits: watch::Sender::default(),
            unanswered: RwLock::default(),
            running: Mutex::new(Running {
                command: command(app, settings, port, options),
                child: None,
                readers: Vec::new(),
                started: Instant::now(),
                failures: Vec::new(),
                wanted: true,
                leaving: false,
            }),
            start_limit: options.start_limit,
        });
        let watched = Arc::downgrade(&process);
        tokio::spawn(async move {
            while let Some(process) = watched.upgrade() {
                process.look_after().await;
                drop(process);
                sleep(POLL).await;
            }
        });
        Ok(process)
    }

    /// Waits until requests reach the handler; errors when they never will.
    pub(crate) async fn ready(&self) -> anyhow::Result<()> {
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| *state != State::Starting).await;
        let ready = known.is_ok_and(|state| *state == State::Ready);
        let exits = self.exits.borrow().clone();
        ensure!(ready, "the handler is gone ({exits:?}):\n{}", self.logs);
        Ok(())
    }

    /// The same. The handler is not replaced while the request that holds what is returned has no answer.
    pub(crate) async fn enter(&self) -> anyhow::Result<RwLockReadGuard<'_, ()>> {
        loop {
            self.ready().await?;
            let unanswered = self.unanswered.read().await;
            if *self.state.borrow() == State::Ready {
                return Ok(unanswered);
            }
        }
    }

    async fn look_after(&self) {
        let is_starting = {
            let mut running = self.running();
            self.watch_child(&mut running);
            running.child.is_some() && !running.leaving && *self.state.borrow() == State::Starting
        };
        let asked = timeout(POLL * 20, self.connection.is_answered());
        if is_starting && asked.await == Ok(true) {
            // It may have been killed meanwhile.
            let running = self.running();
            if running.child.is_some() && !running.leaving {
                self.state.send_replace(State::Ready);
            }
        }
    }

    fn watch_child(&self, running: &mut Running) {
        let is_starting = *self.state.borrow() == State::Starting;
        let Some(child) = &mut running.child else {
            if running.wanted {
                self.spawn(running);
            }
            return;
        };
        match child.try_wait() {
            Ok(Some(status)) => self.ended(running, status),
            Ok(None)
                if is_starting
                    && !running.leaving
                    && running.started.elapsed() > self.start_limit =>
            {
                let _ended = child.kill();
            }
            Ok(None) | Err(_) => {}
        }
    }

    fn ended(&self, running: &mut Running, status: ExitStatus) {
        running.end();
        if std::mem::take(&mut running.leaving) {
            running.wanted = true;
        } else if status.success() {
            running.wanted = false;
        } else if status.code() != Some(RESTART) {
            running
                .failures
                .retain(|failure| failure.elapsed() < FORGOTTEN_AFTER);
            running.failures.push(Instant::now());
            running.wanted = running.failures.len() < FAILURES;
        }
        if !running.wanted {
            let said = format!("the handler has ended ({status}) and is not started again");
            self.logs.host_says("Host", Severity::Error, said);
        }
        let next = if running.wanted {
            State::Starting
        } else {
            State::Ended
        };
        self.state.send_replace(next);
        self.exits.send_modify(|exits| exits.push(status));
    }

    fn spawn(&self, running: &mut Running) {
        running.started = Instant::now();
        match running.command.spawn() {
            Ok(mut child) => {
                let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
                let out = stdout.map(|stdout| self.logs.collect(Stream::Stdout, stdout));
                let err = stderr.map(|stderr| self.logs.collect(Stream::Stderr, stderr));
                running.readers.extend([out, err].into_iter().flatten());
                running.child = Some(child);
            }
            // A file that was just staged may be busy for a moment: a process forked meanwhile still has it open.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {}
            Err(error) => {
                running.wanted = false;
                let said = format!("Failed to start Worker Channel: {error}");
                self.logs.host_says("Host", Severity::Error, said);
            }
        }
    }

    /// SIGKILL, as the host stops a handler. All it printed is in the logs afterwards. Requests wait until
    /// [`Self::restart`].
    pub(crate) fn kill(&self) {
        let mut running = self.running();
        running.wanted = false;
        self.state.send_replace(State::Starting);
        if let Some(child) = &mut running.child {
            // Both fail only when it has ended.
            let _ended = child.kill();
            let _reaped = child.wait();
        }
        running.end();
    }

    /// Kills it if it runs and starts it again on the same port.
    pub(crate) async fn restart(&self) -> anyhow::Result<()> {
        self.kill();
        self.running().wanted = true;
        self.ready().await
    }

    /// Asks the handler to end, and starts what its file is now. Requests wait meanwhile.
    pub(crate) async fn renew(&self) -> anyhow::Result<()> {
        let answered = timeout(LEAVE_LIMIT, self.unanswered.write()).await;
        {
            let mut running = self.running();
            running.failures.clear();
            running.wanted = true;
            running.leaving = running.child.is_some();
            self.state.send_replace(State::Starting);
        }
        drop(answered);
        // The signal fails where there is no handler.
        let left = timeout(LEAVE_LIMIT, self.signal("-TERM")).await;
        if left.is_err() {
            self.end_leaving();
        }
        self.ready().await
    }

    fn end_leaving(&self) {
        let mut running = self.running();
        if running.leaving
            && let Some(child) = &mut running.child
        {
            // Fails only when it has ended.
            let _ended = child.kill();
        }
    }

    /// Sends the handler alone a signal. Returns how it ended by itself.
    pub(crate) async fn signal(&self, signal: &str) -> anyhow::Result<ExitStatus> {
        let mut exits = self.exits.subscribe();
        let before = exits.borrow().len();
        let id = self.id().context("no handler")?.to_string();
        let sent = Command::new("kill").args([signal, &id]).status()?;
        ensure!(sent.success(), "kill {signal} {id} failed");
        let exit = exits.wait_for(|exits| exits.len() > before);
        match timeout(STOP_LIMIT, exit).await {
            Ok(exits) => Ok(exits?[before]),
            Err(_elapsed) => bail!("{signal} did not end it:\n{}", self.logs),
        }
    }

    /// How it ended, each time that it ended by itself.
    pub(crate) fn exits(&self) -> Vec<ExitStatus> {
        self.exits.borrow().clone()
    }

    pub(crate) fn id(&self) -> Option<u32> {
        Some(self.running().child.as_ref()?.id())
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn end(&mut self) {
        self.child = None;
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
