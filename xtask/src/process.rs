//! Child processes that never outlive xtask, and the signal that ends them.

use anyhow::{Context, bail, ensure};
use std::process::{Child, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A child that was asked to stop gets this long before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Installing may wait for a slow network.
const RUN_LIMIT: Duration = Duration::from_mins(10);

const POLL: Duration = Duration::from_millis(50);

static TOLD_TO_STOP: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and SIGTERM do not end xtask; what waits for a child tells of them.
pub fn listen_for_stop() -> anyhow::Result<()> {
    ctrlc::set_handler(|| TOLD_TO_STOP.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")
}

pub(crate) fn told_to_stop() -> bool {
    TOLD_TO_STOP.load(Ordering::Relaxed)
}

/// Asks `ready` until it answers, for `limit` at most. A signal to stop is an error.
pub fn wait_for<T>(
    what: &str,
    limit: Option<Duration>,
    mut ready: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ready()? {
            return Ok(answer);
        }
        if told_to_stop() {
            bail!("stopped while waiting for {what}");
        }
        if let Some(limit) = limit.filter(|limit| start.elapsed() > *limit) {
            bail!("waited {} s for {what}, in vain", limit.as_secs());
        }
        sleep(POLL);
    }
}

/// Runs a command to its end, for 10 minutes at most. Fails when it does.
pub fn run(name: &'static str, command: &mut Command) -> anyhow::Result<()> {
    let mut process = Process::start(name, command)?;
    let status = wait_for(name, Some(RUN_LIMIT), || process.exited())?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// The program takes xtask's place, and with it the terminal and its signals.
#[cfg(unix)]
pub(crate) fn hand_over(command: &mut Command) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).with_context(|| format!("cannot run {}", command.get_program().display()))
}

#[cfg(not(unix))]
pub(crate) fn hand_over(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().display().to_string();
    let status = command
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} ended ({status})");
    Ok(())
}

/// A child process. Dropping it asks it to stop, waits, and kills it if it must.
#[derive(Debug)]
pub struct Process {
    pub(crate) name: &'static str,
    child: Child,
}

impl Process {
    pub fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        let child = command.spawn().with_context(|| {
            format!("cannot start {name} ({})", command.get_program().display())
        })?;
        Ok(Self { name, child })
    }

    /// What it writes, once, when its output is piped.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn exited(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("lost sight of {}", self.name))
    }

    /// An error when it has ended.
    pub fn still_runs(&mut self) -> anyhow::Result<()> {
        match self.exited()? {
            None => Ok(()),
            Some(status) => bail!("{} ended by itself ({status})", self.name),
        }
    }

    fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn stops_within(&mut self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.runs() {
            if start.elapsed() > limit {
                return false;
            }
            sleep(POLL);
        }
        true
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.runs() && !(terminate(&self.child) && self.stops_within(STOP_LIMIT)) {
            // Both fail only when it has just ended.
            let _ended = self.child.kill();
            let _reaped = self.child.wait();
        }
    }
}

/// Returns false where there is no polite way.
#[cfg(unix)]
fn terminate(child: &Child) -> bool {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    i32::try_from(child.id()).is_ok_and(|id| kill(Pid::from_raw(id), Signal::SIGTERM).is_ok())
}

#[cfg(not(unix))]
fn terminate(_child: &Child) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::Stdio;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        Process::start("sh", command.args(["-c", script]).stdout(Stdio::piped())).unwrap()
    }

    #[test]
    fn a_child_is_asked_to_stop_before_it_is_killed() {
        let mut child =
            shell("trap 'echo stopping; exit' TERM; echo ready; while :; do sleep 0.01; done");
        let mut stdout = child.stdout().unwrap();
        stdout.read_exact(&mut [0; "ready\n".len()]).unwrap();
        drop(child);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "stopping\n");
    }

    #[test]
    fn a_child_that_ended_is_named() {
        let mut child = shell("exit 3");
        wait_for("sh", None, || child.exited()).unwrap();
        let error = child.still_runs().unwrap_err().to_string();
        assert_eq!(error, "sh ended by itself (exit status: 3)");
    }

    #[test]
    fn waiting_in_vain_says_for_what() {
        let never = wait_for::<()>("rain", Some(Duration::ZERO), || Ok(None));
        assert_eq!(
            never.unwrap_err().to_string(),
            "waited 0 s for rain, in vain"
        );
    }
}
