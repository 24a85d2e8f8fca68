//! Who is measured, and how they are asked.

use super::load::Target;
use super::machine::Cores;
use super::operation::Operation;
use super::service::{Service, without_debugging};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xtask::cargo;
use xtask::local::{agent, announced_url, some_port};
use xtask::process::Process;

pub(super) const GATEWAY: &str = "gateway";
pub(super) const FLOOR: &str = "floor";

/// Of what the gateway holds at the start: a workspace with projects of these ids, one without, and the owner of
/// both.
pub(super) const WORKSPACE: &str = "01900000-0000-7000-8000-0000ffffffff";
const EMPTY_WORKSPACE: &str = "01900000-0000-7000-8000-0000fffffffe";
pub(super) const CALLER: &str = "x-dev-user: ada";
const PROJECT_OF_THE_CONNECTION: &str = "01900000-0000-7000-8000-{connection}";
/// One that nothing here changes.
const SAME_PROJECT: &str = "01900000-0000-7000-8000-0000000000ff";

/// About 1 KB as it is stored, as the others are.
const PROJECT: &str = r#"{"name":"New {request}","description":"DESCRIPTION","visibility":"private","tags":["engine","notes","letters"]}"#;
const DESCRIPTION: &str = "Plans, notes and letters. ";

#[derive(Debug)]
pub(super) struct Programs {
    pub(super) load: PathBuf,
    pub(super) handler: PathBuf,
    pub(super) floor: PathBuf,
    gateway: PathBuf,
}

impl Programs {
    /// One by one: built together, features would unify.
    pub(super) fn build(root: &Path) -> anyhow::Result<Self> {
        let bench = root.join("bench");
        let build = |name| cargo::build(&bench, [name], true).map(|[program]| program);
        Ok(Self {
            load: build("bench-load")?,
            gateway: build("bench-gateway")?,
            floor: build("bench-floor")?,
            handler: cargo::build(root, ["handler"], true).map(|[handler]| handler)?,
        })
    }
}

/// How a contender is asked.
#[derive(Debug, Clone, Copy)]
enum Routes {
    Gateway,
    Floor,
    Api,
}

#[derive(Debug)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) base: String,
    pub(super) process: Process,
    routes: Routes,
}

impl Contender {
    pub(super) fn gateway(
        programs: &Programs,
        cores: &Cores,
        options: &[String],
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(&programs.gateway);
        command.args(options);
        let process = cores.beside(|| announcing("the gateway", &mut command))?;
        Self::announced(GATEWAY, process, Routes::Gateway)
    }

    pub(super) fn floor(
        mut command: Command,
        cores: &Cores,
        gateway: &Self,
    ) -> anyhow::Result<Self> {
        command.args(["--gateway", &gateway.base]);
        let process = cores.measured(|| announcing("the floor", &mut command))?;
        Self::announced(FLOOR, process, Routes::Floor)
    }

    /// Returns at once. The service is ready when [`Service::wait_until_ready`] says so.
    pub(super) fn starting(
        service: &Service,
        cores: &Cores,
        gateway: &Self,
    ) -> anyhow::Result<Self> {
        let port = some_port(0)?;
        Ok(Self {
            name: service.name,
            base: format!("http://127.0.0.1:{port}"),
            process: cores.measured(|| service.start(port, &gateway.base))?,
            routes: Routes::Api,
        })
    }

    pub(super) fn started(
        service: &Service,
        cores: &Cores,
        gateway: &Self,
    ) -> anyhow::Result<Self> {
        let mut started = Self::starting(service, cores, gateway)?;
        service.wait_until_ready(&started.base, &mut started.process)?;
        Ok(started)
    }

    fn announced(name: &'static str, mut process: Process, routes: Routes) -> anyhow::Result<Self> {
        Ok(Self {
            name,
            base: announced_url(&mut process)?,
            process,
            routes,
        })
    }

    /// What is sent for an operation.
    pub(super) fn target(&self, operation: Operation) -> anyhow::Result<Target> {
        let base = &self.base;
        let api = format!("{base}/api/workspaces/{WORKSPACE}/projects");
        let project = PROJECT_OF_THE_CONNECTION;
        Ok(match (self.routes, operation) {
            (Routes::Api, Operation::Live) => Target::get(format!("{base}/api/health/live")),
            (_, Operation::Hello | Operation::Live) => Target::get(format!("{base}/")),
            (_, Operation::Grown(growth)) => growth.target(base),
            (Routes::Gateway, _) => {
                Target::get(format!("{base}/dbs/app/colls/items/docs/{project}"))
                    .with(format!("x-ms-documentdb-partitionkey: [\"{WORKSPACE}\"]"))
            }
            (Routes::Floor, _) => Target::get(format!("{base}/{WORKSPACE}/{project}")),
            (Routes::Api, Operation::PointRead) => {
                Target::get(format!("{api}/{project}")).with(CALLER)
            }
            (Routes::Api, Operation::NotModified) => {
                let url = format!("{api}/{SAME_PROJECT}");
                let known = format!("if-none-match: {}", etag(&url)?);
                Target::get(url).with(CALLER).with(known).answers(304)
            }
            (Routes::Api, Operation::List) => Target::get(format!("{api}?limit=20")).with(CALLER),
            (Routes::Api, Operation::Create) => {
                let body = PROJECT.replace("DESCRIPTION", &DESCRIPTION.repeat(16));
                let api = format!("{base}/api/workspaces/{EMPTY_WORKSPACE}/projects");
                Target::send("POST", api, body).with(CALLER).answers(201)
            }
            (Routes::Api, Operation::Patch) => {
                let body = r#"{"name":"Changed {request}"}"#.to_owned();
                Target::send("PATCH", format!("{api}/{project}"), body).with(CALLER)
            }
        })
    }
}

fn announcing(name: &'static str, command: &mut Command) -> anyhow::Result<Process> {
    Process::start(name, without_debugging(command).stdout(Stdio::piped()))
}

fn etag(url: &str) -> anyhow::Result<String> {
    let (name, value) = CALLER.split_once(": ").unwrap_or_default();
    let answer = agent().get(url).header(name, value).call()?;
    let etag = answer.headers().get("etag");
    let etag = etag.and_then(|etag| etag.to_str().ok());
    etag.map(str::to_owned)
        .with_context(|| format!("{url} answered {} without an ETag", answer.status()))
}
