//! Services with the same API: the handler and its peers, each written as its users would write it.

use super::instructions::callgrind;
use super::load::Target;
use anyhow::{Context, ensure};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xtask::local::handler_settings;
use xtask::process::{self, Process, wait_for};
use xtask::python::{self, Environment};

/// As the peers, it does not log each request.
pub(super) const HANDLER: &str = "handler";
/// With the line that it logs of each request unless it is told otherwise.
pub(super) const LOGGING: &str = "handler with its log";
pub(super) const PYTHON: &str = "python";
pub(super) const NODE: &str = "node";
const NODE_NEEDED: &str = "Node 20 or newer is needed, with npm";

/// How a service is started, again and again.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: PathBuf,
    /// What answers 200 once it is ready.
    ready: &'static str,
    /// Processes, where it is not one by itself.
    workers: Option<usize>,
    /// Where callgrind writes what it counts, if it does.
    counts: Option<PathBuf>,
}

impl Service {
    pub(super) fn handler(root: &Path, program: PathBuf) -> Self {
        Self {
            name: HANDLER,
            program,
            arguments: Vec::new(),
            folder: root.to_owned(),
            ready: "/api/health/ready",
            workers: None,
            counts: None,
        }
    }

    pub(super) fn logging(self) -> Self {
        Self {
            name: LOGGING,
            ..self
        }
    }

    /// The peers that can be had on this machine. Why another one cannot is said on stderr.
    pub(super) fn peers(root: &Path) -> Vec<Self> {
        let peers = [(PYTHON, Self::python(root)), (NODE, Self::node(root))];
        let installed = peers.into_iter().filter_map(|(name, peer)| {
            peer.inspect_err(|error| eprintln!("{name} is left out: {error:#}"))
                .ok()
        });
        installed.collect()
    }

    /// One worker, for one core, with uvloop and httptools, which uvicorn takes when they are installed; without the
    /// access log.
    fn python(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("bench/peers/python");
        eprintln!("preparing the service in Python");
        let requirements = fs::read_to_string(folder.join("requirements.txt"))?;
        let environment = Environment::with(root.join("target/bench/python"), &requirements)?;
        let arguments =
            "-B -m uvicorn app:app --no-access-log --log-level warning --timeout-keep-alive 60";
        Ok(Self {
            name: PYTHON,
            program: environment.program("python"),
            arguments: arguments.split(' ').map(OsString::from).collect(),
            folder,
            ready: "/",
            workers: None,
            counts: None,
        })
    }

    /// It runs where its modules are installed.
    fn node(root: &Path) -> anyhow::Result<Self> {
        let (source, folder) = (
            root.join("bench/peers/node"),
            root.join("target/bench/node"),
        );
        ensure!(python::runs("node", &["--version"]), NODE_NEEDED);
        fs::create_dir_all(&folder)?;
        let installed = folder.join("installed.json");
        let wanted = fs::read(source.join("package-lock.json"))?;
        for file in ["app.js", "cluster.js", "package.json", "package-lock.json"] {
            fs::copy(source.join(file), folder.join(file))?;
        }
        if fs::read(&installed).is_ok_and(|found| found == wanted) {
            return Ok(Self::of_node(folder));
        }
        eprintln!("preparing the service in Node");
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--omit=dev", "--no-audit", "--no-fund", "--silent"]);
        process::run("npm", npm.current_dir(&folder).stdout(Stdio::null())).context(NODE_NEEDED)?;
        fs::write(&installed, wanted).context("cannot keep what is installed")?;
        Ok(Self::of_node(folder))
    }

    fn of_node(folder: PathBuf) -> Self {
        Self {
            name: NODE,
            program: "node".into(),
            arguments: vec!["app.js".into()],
            folder,
            ready: "/",
            workers: None,
            counts: None,
        }
    }

    /// As many processes behind one port. The handler stays one: it has a thread for two cores.
    pub(super) fn with_workers(mut self, workers: usize) -> Self {
        if self.name == NODE {
            self.arguments = vec!["cluster.js".into()];
        }
        self.workers = Some(workers).filter(|_| self.name != HANDLER);
        self
    }

    pub(super) fn counted(self, counts: PathBuf) -> Self {
        Self {
            counts: Some(counts),
            ..self
        }
    }

    pub(super) fn start(&self, port: u16, cosmos: &str) -> anyhow::Result<Process> {
        Process::start(self.name, &mut self.command(port, cosmos))
    }

    /// It runs as it would be deployed. What it prints goes nowhere.
    fn command(&self, port: u16, cosmos: &str) -> Command {
        let program = Command::new(&self.program);
        let counts = self.counts.as_deref();
        let mut command = counts.map_or(program, |counts| callgrind(&self.program, counts));
        without_debugging(&mut command)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .envs(handler_settings(port, cosmos))
            // Where uvicorn and the service in Node look.
            .env("UVICORN_PORT", port.to_string())
            .env("PORT", port.to_string())
            .env("NODE_ENV", "production")
            .stdout(Stdio::null());
        if self.name == HANDLER {
            command.env("RUST_LOG", "warn");
        }
        if let Some(workers) = self.workers {
            command.env("UVICORN_WORKERS", workers.to_string());
            command.env("WORKERS", workers.to_string());
        }
        command
    }

    pub(super) fn wait_until_ready(&self, base: &str, process: &mut Process) -> anyhow::Result<()> {
        let ready = Target::get(format!("{base}{}", self.ready));
        let agent = xtask::local::agent();
        wait_for(self.name, Some(super::LIMIT), || {
            process.still_runs()?;
            Ok(ready.ask(&agent).is_ok().then_some(()))
        })
    }
}

/// With `RUST_BACKTRACE` the SDK collects backtraces, which takes time.
pub(super) fn without_debugging(command: &mut Command) -> &mut Command {
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(service: &Service, name: &str) -> Option<String> {
        let command = service.command(1, "http://localhost:2");
        let mut set = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let (_, value) = set.find(|(found, _)| *found == name)?;
        value.to_str().map(str::to_owned)
    }

    #[test]
    fn only_one_handler_logs_requests() {
        let handler = Service::handler(Path::new("."), "handler".into());
        assert_eq!(environment(&handler, "RUST_LOG").as_deref(), Some("warn"));
        assert_eq!(environment(&handler.logging(), "RUST_LOG"), None);
    }

    #[test]
    fn only_peers_get_workers() {
        let handler = Service::handler(Path::new("."), "handler".into()).with_workers(4);
        assert_eq!(environment(&handler, "WORKERS"), None);
        let node = Service::of_node("node".into());
        assert_eq!(node.arguments, ["app.js"]);
        assert_eq!(environment(&node, "WORKERS"), None);
        let node = node.with_workers(4);
        assert_eq!(node.arguments, ["cluster.js"]);
        assert_eq!(environment(&node, "WORKERS").as_deref(), Some("4"));
        let python = Service {
            name: PYTHON,
            ..node
        };
        assert_eq!(
            environment(&python, "UVICORN_WORKERS").as_deref(),
            Some("4")
        );
    }
}
