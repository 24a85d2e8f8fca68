//! When the process is to end, and what the Functions host makes of how it ends.

use std::process::ExitCode;
use std::time::Duration;

/// How often it is looked whether the host is still there.
#[cfg(unix)]
const LOOK: Duration = Duration::from_secs(1);

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// SIGINT, which a terminal sends to the host as well.
    Interrupted,
    /// SIGTERM, which may have been meant for this process alone.
    Terminated,
    /// The host was killed. It starts another handler when it is back.
    Orphaned,
}

impl Reason {
    /// The host never starts a handler again that exited with 0, and answers every later request 500; after
    /// 200 it starts it again, and counts no failure.
    pub fn exit_code(self, has_host: bool) -> ExitCode {
        match self {
            Self::Terminated if has_host => ExitCode::from(200),
            _ => ExitCode::SUCCESS,
        }
    }

    /// How long what runs may take to finish: as long as `requests` may, while there is somebody to answer.
    pub(super) fn drain(self, requests: Duration) -> Duration {
        match self {
            Self::Interrupted | Self::Terminated => requests,
            Self::Orphaned => Duration::from_secs(2),
        }
    }
}

#[cfg(unix)]
pub(super) async fn told_to_stop(has_host: bool) -> Reason {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_unavailable) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => Reason::Terminated,
        () = interrupted() => Reason::Interrupted,
        () = orphaned(), if has_host => Reason::Orphaned,
    }
}

#[cfg(not(unix))]
pub(super) async fn told_to_stop(_has_host: bool) -> Reason {
    interrupted().await;
    Reason::Interrupted
}

/// Another process becomes the parent of one whose parent is gone.
#[cfg(unix)]
async fn orphaned() {
    use std::os::unix::process::parent_id;
    let host = parent_id();
    while parent_id() == host {
        tokio::time::sleep(LOOK).await;
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
