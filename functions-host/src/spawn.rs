//! What the handler's process is started with.

use super::app::App;
use super::host::Options;
use anyhow::bail;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

/// Its port comes from the host, whatever the settings say.
pub(crate) fn command(
    app: &App,
    settings: &[(&str, &str)],
    port: u16,
    options: &Options,
) -> Command {
    let port = port.to_string();
    let worker = uuid::Uuid::new_v4().to_string();
    let kept = ["PATH", "HOME"].into_iter();
    let mut command = Command::new(options.handler.clone().unwrap_or_else(|| app.executable()));
    command
        .current_dir(&app.folder)
        .env_clear()
        .envs(kept.filter_map(|name| Some((name, std::env::var_os(name)?))))
        .envs(settings.iter().copied())
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", &port)
        .env("FUNCTIONS_HTTPWORKER_PORT", &port)
        .env("FUNCTIONS_HTTPWORKER_ID", &worker)
        .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", worker)
        .env("FUNCTIONS_APP_ROOT_PATH", &app.folder)
        .stdin(Stdio::null());
    if !options.on_terminal {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    // Ctrl-C in a terminal is for the host, which then ends the handler.
    #[cfg(unix)]
    if options.on_terminal {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    command
}

/// A port below those that the system gives to outgoing connections, so that no other test's connection
/// sits on it while the handler is down.
pub(crate) fn free_port() -> anyhow::Result<u16> {
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
