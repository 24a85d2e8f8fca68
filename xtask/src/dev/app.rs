//! The processes of `cargo dev`.

use crate::local::{LocalApp, Programs, agent, announced_url, handler_settings, start_emulator};
use crate::process::Process;
use crate::{root, stage};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The app under the host, and its storage.
#[derive(Debug)]
pub(super) struct DevApp {
    app: LocalApp,
    cosmos: String,
    /// What the host runs. Several apps may run from one repository, each on ports of its own.
    folder: TempDir,
}

impl DevApp {
    /// Returns when it is ready. With port 0 it takes any free one. `keep` is the folder that keeps its data.
    pub(super) fn start(
        programs: &Programs,
        port: u16,
        cosmos_port: u16,
        keep: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let target = root().join("target");
        stage::create(&target)?;
        let folder = tempfile::Builder::new().prefix("dev-").tempdir_in(target);
        let folder = folder.context("no folder for the app in target")?;
        stage::stage(root(), &programs.handler, &staged(&folder))?;
        let (emulator, cosmos) = start_emulator(&programs.emulator, cosmos_port, keep)?;
        let mut host = Command::new(&programs.host);
        host.arg(staged(&folder))
            .args(["--port", &port.to_string()])
            .envs(handler_settings(0, &cosmos))
            .stdout(Stdio::piped());
        let mut host = Process::start("the Functions host", &mut host)?;
        let base = announced_url(&mut host)?;
        let app = LocalApp::ready(base, host, emulator)?;
        Ok(Self {
            app,
            cosmos,
            folder,
        })
    }

    /// Where the app is.
    pub(super) fn base(&self) -> &str {
        &self.app.base
    }

    /// Where the data can be looked at.
    pub(super) fn data_page(&self) -> String {
        format!("{}/_emulator/", self.cosmos)
    }

    /// An error when one of the processes has ended.
    pub(super) fn still_runs(&mut self) -> anyhow::Result<()> {
        self.app.still_runs()
    }

    /// Returns when the handler that was just built answers instead of the old one.
    pub(super) fn renew(&self, handler: &Path) -> anyhow::Result<()> {
        stage::stage(root(), handler, &staged(&self.folder))?;
        let restart = format!("{}/admin/host/restart", self.base());
        let answer = agent().post(restart).send_empty();
        let mut answer = answer.context("the new handler did not get ready")?;
        let said = answer.body_mut().read_to_string().unwrap_or_default();
        ensure!(answer.status() == 200, "the new handler failed: {said}");
        Ok(())
    }
}

/// The app as the host runs it.
fn staged(folder: &TempDir) -> PathBuf {
    folder.path().join("app")
}
