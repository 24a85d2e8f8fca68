//! `docs/add-an-entity.md`, followed to the letter: the result builds and works.

use crate::staged;
use cosmos_emulator::Emulator;
use functions_host::Host;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A heading of the page with the code below it.
struct Step<'a> {
    path: &'a str,
    /// The line after which the code goes; none when the code is the file.
    after: Option<&'a str>,
    code: &'a str,
}

fn steps(page: &str) -> Vec<Step<'_>> {
    let sections = page.split("\n### `").skip(1);
    sections
        .map(|section| {
            let (heading, rest) = section.split_once('\n').unwrap();
            let (path, after) = heading.split_once('`').unwrap();
            let (_, code) = rest.split_once("\n```").unwrap();
            let (_language, code) = code.split_once('\n').unwrap();
            Step {
                path,
                after: after
                    .strip_prefix(", after `")
                    .map(|line| line.trim_end_matches('`')),
                code: code.split_once("\n```").unwrap().0,
            }
        })
        .collect()
}

fn follow(steps: &[Step<'_>], root: &Path) {
    for step in steps {
        let path = root.join(step.path);
        let Some(after) = step.after else {
            assert!(!path.exists(), "{} is there already", step.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{}\n", step.code)).unwrap();
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let line = format!("{after}\n");
        assert_eq!(text.matches(&line).count(), 1, "{}: {after}", step.path);
        fs::write(path, text.replace(&line, &format!("{line}{}\n", step.code))).unwrap();
    }
}

/// What git has of this repository, elsewhere.
fn copy(to: &Path) {
    let root = xtask::root();
    let files = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(files.status.success(), "{files:?}");
    for name in String::from_utf8(files.stdout)
        .unwrap()
        .split_terminator('\0')
    {
        let copy = to.join(name);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        if root.join(name).exists() {
            fs::copy(root.join(name), copy).unwrap();
        }
    }
}

/// Builds the handler of the repository at `root`. The dependencies' build is kept from run to run.
fn build(root: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "cosmos-functions",
            "--bin",
            "handler",
        ])
        .args(["--locked", "--offline"])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", "-D warnings")
        .current_dir(root)
        .status()
        .unwrap();
    assert!(built.success());
    target.join("debug/handler")
}

#[tokio::test]
async fn the_walk_adds_an_entity_that_works() {
    let page = fs::read_to_string(xtask::root().join("docs/add-an-entity.md")).unwrap();
    let repository = tempfile::tempdir().unwrap();
    copy(repository.path());
    follow(&steps(&page), repository.path());
    let handler = build(repository.path());

    let app = tempfile::tempdir().unwrap();
    xtask::stage::stage(repository.path(), &handler, &staged::app(&app)).unwrap();
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.url();
    let settings = staged::settings(&url);
    let host = Host::start(&staged::app(&app), &settings).await.unwrap();
    let send = async |method: Method, path: &str, body: Value| {
        let request = reqwest::Client::new()
            .request(method, format!("{}{path}", host.url()))
            .header("x-dev-user", "ada")
            .json(&body);
        request.send().await.unwrap()
    };
    let workspace = send(Method::POST, "/api/workspaces", json!({"name": "W"})).await;
    let workspace = workspace.headers()["location"].to_str().unwrap();
    let note = format!("{workspace}/notes/today");

    let created = send(Method::POST, &note, json!({"text": "Tea"})).await;
    assert_eq!(created.status(), 201);
    let again = send(Method::POST, &note, json!({"text": "Tea"})).await;
    assert_eq!(again.status(), 409);
    let wrong = send(Method::POST, &note, json!({"text": "", "more": 1})).await;
    assert_eq!(wrong.status(), 422);
    let read = send(Method::GET, &note, Value::Null).await;
    assert_eq!(read.json::<Value>().await.unwrap(), json!({"text": "Tea"}));
}
