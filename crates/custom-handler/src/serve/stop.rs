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

/// The process of the Functions host. Known from the start: a host that is killed while the handler starts is noticed.
#[derive(Debug, Clone, Copy)]
pub struct HostProcess {
    #[cfg(unix)]
    id: u32,
}

impl HostProcess {
    /// The parent of this process.
    pub fn parent() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Another process becomes the parent of one whose parent is gone.
    #[cfg(unix)]
    async fn gone(self) {
        while Self::parent().id == self.id {
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(unix)]
pub(super) async fn told_to_stop(host: Option<HostProcess>) -> Reason {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_unavailable) => std::future::pending().await,
        }
    };
    let orphaned = async {
        match host {
            Some(host) => host.gone().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => Reason::Terminated,
        () = interrupted() => Reason::Interrupted,
        () = orphaned => Reason::Orphaned,
    }
}

#[cfg(not(unix))]
pub(super) async fn told_to_stop(_host: Option<HostProcess>) -> Reason {
    interrupted().await;
    Reason::Interrupted
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
