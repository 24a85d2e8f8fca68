//! `cargo dev --watch --keep`, as it is used: edit, save, ask; stop and start again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../host/copy.rs"]
mod copy;

use copy::{cargo, copy};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use xtask::local::agent;

/// Longer than a build takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(15);

/// `cargo dev`, running, with what it says on both streams.
struct Dev {
    process: Child,
    lines: Receiver<String>,
    url: String,
}

impl Dev {
    /// Returns when it is ready.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = cargo(folder)
            .args(["dev", "--port", "0", "--cosmos-port", "0", "--keep"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(process.stdout.take().unwrap()),
            Box::new(process.stderr.take().unwrap()),
        ];
        for stream in streams {
            let tell = tell.clone();
            thread::spawn(move || {
                let lines = BufReader::new(stream).lines().map_while(Result::ok);
                lines.for_each(|line| drop(tell.send(line)));
            });
        }
        let mut dev = Self {
            process,
            lines,
            url: String::new(),
        };
        let ready = dev.says(" is ready. Open ");
        dev.url.push_str(ready.split(' ').next().unwrap());
        dev
    }

    /// Waits for a line with this text.
    fn says(&self, text: &str) -> String {
        let mut said = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("never `{text}`:\n{}", said.join("\n")));
            if line.contains(text) {
                return line;
            }
            said.push(line);
        }
    }

    fn stop(mut self) {
        self.interrupt();
        assert!(self.process.wait().unwrap().success());
    }

    /// As Ctrl-C does: killed, it could not stop its own children.
    fn interrupt(&self) {
        let id = self.process.id().to_string();
        let _already_gone = Command::new("kill").args(["-INT", &id]).status();
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.interrupt();
            let _status = self.process.wait();
        }
    }
}

fn request(url: &str) -> Value {
    let mut answer = agent().get(url).header("x-dev-user", "ada").call().unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

fn summary(url: &str) -> Value {
    let contract = request(&format!("{url}/api/openapi.json"));
    contract["paths"]["/api/workspaces"]["get"]["summary"].clone()
}

/// Asks until it is told to stop: every request is answered, or told to come back.
fn ask(url: &str, is_enough: &AtomicBool) {
    while !is_enough.load(Ordering::Relaxed) {
        let answer = agent().get(url).header("x-dev-user", "ada").call().unwrap();
        let may_come_back = answer.headers().contains_key("retry-after");
        let status = answer.status().as_u16();
        assert!(status == 200 || status == 503 && may_come_back, "{status}");
    }
}

#[test]
fn the_handler_follows_its_sources_and_the_data_stays() {
    let folder = copy("dev", |_| {});
    let _none_at_first = fs::remove_dir_all(folder.join(".cosmos"));
    let source = folder.join("src/app.rs");
    let before = fs::read_to_string(&source).unwrap();
    let with = |summary: &str| before.replace("\"List the workspaces I belong to\"", summary);

    let dev = Dev::start(&folder, &["--watch", "--empty"]);
    let made = agent().post(format!("{}/api/workspaces", dev.url));
    let made = made.header("x-dev-user", "ada");
    let mut made = made
        .header("content-type", "application/json")
        .send(r#"{"name": "Kept"}"#)
        .unwrap();
    let made = made.body_mut().read_to_string().unwrap();
    let made: Value = serde_json::from_str(&made).unwrap();
    let path = format!("/api/workspaces/{}", made["id"].as_str().unwrap());
    let workspace = format!("{}{path}", dev.url);

    // What does not compile is shown, and the handler goes on.
    fs::write(&source, with("")).unwrap();
    dev.says("error");
    dev.says("the handler is as it was");
    assert_eq!(summary(&dev.url), "List the workspaces I belong to");

    let is_enough = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| ask(&workspace, &is_enough));
        fs::write(&source, with("\"List what is mine\"")).unwrap();
        println!("{}", dev.says(" is ready again, "));
        is_enough.store(true, Ordering::Relaxed);
    });
    assert_eq!(summary(&dev.url), "List what is mine");
    assert_eq!(request(&workspace), made);
    dev.stop();

    let kept = fs::read_to_string(folder.join(".cosmos/cosmos.json")).unwrap();
    assert!(kept.contains("\"Kept\""), "{kept}");
    fs::write(&source, before).unwrap();
    let dev = Dev::start(&folder, &[]);
    assert_eq!(request(&format!("{}{path}", dev.url)), made);
    dev.stop();
}
