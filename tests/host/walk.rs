//! `docs/add-an-entity.md`, followed to the letter: the result builds, and what every entity promises holds for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The most lines of the product that an entity takes.
const MOST_LINES: usize = 150;

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

fn follow(steps: &[Step<'_>], files: &mut BTreeMap<String, Vec<u8>>) {
    for step in steps {
        let code = format!("{}\n", step.code);
        let Some(after) = step.after else {
            let there = files.insert(step.path.to_owned(), code.into_bytes());
            assert!(there.is_none(), "{} is there already", step.path);
            continue;
        };
        let file = files.get_mut(step.path).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        let line = format!("{after}\n");
        assert_eq!(text.matches(&line).count(), 1, "{}: {after}", step.path);
        *file = text.replace(&line, &format!("{line}{code}")).into_bytes();
    }
}

/// What git has of this repository.
fn repository() -> BTreeMap<String, Vec<u8>> {
    let root = xtask::root();
    let listed = Command::new("git")
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
    assert!(listed.status.success(), "{listed:?}");
    let names = String::from_utf8(listed.stdout).unwrap();
    let names = names.split_terminator('\0').map(ToOwned::to_owned);
    let files = names.filter_map(|name| Some((name.clone(), fs::read(root.join(name)).ok()?)));
    files.collect()
}

/// Makes the folder have these files. Those that are the same keep their times, so that they are not built again.
fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    let kept = folder.join("files");
    for name in fs::read_to_string(&kept).unwrap_or_default().lines() {
        if !files.contains_key(name) {
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        if fs::read(&path).ok().as_ref() != Some(content) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    fs::write(kept, names.join("\n")).unwrap();
    // Some tests ask git what belongs to the repository.
    for arguments in [["init", "--quiet"], ["add", "--all"]] {
        let mut git = Command::new("git");
        let done = git.args(arguments).current_dir(folder).status().unwrap();
        assert!(done.success());
    }
}

/// Runs these tests of the repository in `folder`. The dependencies were built for this one.
fn test(folder: &Path, test: &str, filters: &[&str]) {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let ran = xtask::cargo::command(folder)
        .args(["test", "--offline", "--test", test, "--"])
        .args(filters)
        .env("CARGO_BUILD_BUILD_DIR", built)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ran.status.success(), "{said}");
    assert!(!said.contains("warning: "), "{said}");
    assert!(!said.contains("running 0 tests"), "{said}");
}

#[test]
fn the_walk_adds_an_entity_that_keeps_every_promise() {
    let page = fs::read_to_string(xtask::root().join("docs/add-an-entity.md")).unwrap();
    let steps = steps(&page);
    let product = steps
        .iter()
        .filter(|step| !step.path.starts_with("tests/"))
        .flat_map(|step| step.code.lines())
        .filter(|line| !line.trim().is_empty());
    let lines = product.count();
    println!("{lines} lines");
    assert!(lines <= MOST_LINES, "{lines} lines of the product");

    let mut files = repository();
    follow(&steps, &mut files);
    // Both are built in one folder. With a version of its own, what is built of it is not taken for this repository's.
    let manifest = files.get_mut("Cargo.toml").unwrap();
    let text = String::from_utf8_lossy(manifest);
    let own = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n");
    let other = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "-walk\"\n");
    assert!(text.contains(own));
    *manifest = text.replacen(own, other, 1).into_bytes();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk");
    fs::create_dir_all(&folder).unwrap();
    write(&files, &folder);
    test(&folder, "api", &["conformance::", "contract::", "access::"]);
    test(&folder, "host", &["architecture::", "agreement::"]);
}
