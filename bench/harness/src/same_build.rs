//! The floor is a fair measure as long as it is built like the handler, from the same versions.

use std::collections::HashSet;
use std::fs;

fn file(path: &str) -> String {
    fs::read_to_string(xtask::root().join(path)).unwrap()
}

/// A section of a manifest, without its head and comments.
fn section(manifest: &str, head: &str) -> Vec<String> {
    let lines = file(manifest);
    let lines = lines.lines().skip_while(|line| *line != head).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let settings = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    settings.map(str::to_owned).collect()
}

/// Names and versions of what comes from the registry.
fn locked(path: &str) -> HashSet<(String, String)> {
    let text = file(path);
    let packages = text.split("[[package]]\n").filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find(|line| line.starts_with(key))?;
            Some(line.split('"').nth(1)?.to_owned())
        };
        value("source = ")?;
        Some((value("name = ")?, value("version = ")?))
    });
    packages.collect()
}

#[test]
fn the_floor_is_built_as_the_handler_is() {
    let handler = section("Cargo.toml", "[profile.release]");
    assert!(!handler.is_empty());
    assert_eq!(section("bench/Cargo.toml", "[profile.release]"), handler);
}

#[test]
fn both_workspaces_lock_the_same_versions() {
    let (root, bench) = (locked("Cargo.lock"), locked("bench/Cargo.lock"));
    let names: HashSet<_> = root.iter().map(|(name, _)| name).collect();
    let shared = bench.iter().filter(|(name, _)| names.contains(name));
    let others: Vec<_> = shared.filter(|package| !root.contains(package)).collect();
    assert!(names.len() > 100 && bench.len() > 100);
    assert!(
        others.is_empty(),
        "bench/README.md says how to bring bench/Cargo.lock up to date: {others:?}"
    );
}
