//! The host as a program in front of an app, and the signals that end it.

use super::exits::until_refused;
use super::{PROXYING, SETTINGS, app};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

struct Program {
    process: Child,
    /// Of the handler as well.
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Program {
    fn start(app: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_functions-host"))
            .arg(app)
            .args(["--port", "0"])
            .envs(SETTINGS)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let mut program = Self {
            process,
            lines: BufReader::new(stdout).lines(),
            url: String::new(),
        };
        program.url = program.rest_of_line_with("listening on ");
        program
    }

    fn rest_of_line_with(&mut self, text: &str) -> String {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        let rest = lines.find_map(|line| Some(line.split_once(text)?.1.to_owned()));
        rest.unwrap()
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }
}

/// Only a test that failed finds it still there.
impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended = self.process.wait();
    }
}

type Running = tokio::task::JoinHandle<reqwest::Result<reqwest::Response>>;

/// A program with a request that runs until there is a file `finish`.
fn with_a_request(app: &TempDir) -> (Program, Running) {
    let mut program = Program::start(app.path());
    let finish = app.path().join("finish");
    let url = format!("{}/api/echo?wait={}", program.url, finish.display());
    let running = tokio::spawn(reqwest::get(url));
    program.rest_of_line_with("waiting");
    (program, running)
}

#[tokio::test(flavor = "multi_thread")]
async fn sigint_lets_requests_finish() {
    let app = app(PROXYING);
    let (mut program, running) = with_a_request(&app);
    program.signal("-INT");
    until_refused(&program.url).await;
    fs::write(app.path().join("finish"), "").unwrap();
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert!(program.process.wait().unwrap().success());
}

/// The real host ignores SIGTERM.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_and_a_second_sigint_cut_requests() {
    let app = app(PROXYING);
    for signals in [&["-TERM"][..], &["-INT", "-INT"]] {
        let (mut program, running) = with_a_request(&app);
        for signal in signals {
            program.signal(signal);
            until_refused(&program.url).await;
        }
        assert!(running.await.unwrap().is_err());
        assert!(program.process.wait().unwrap().success());
    }
}
