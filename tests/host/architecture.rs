//! The arrows between modules go one way.

use std::fs;
use std::path::{Path, PathBuf};

/// For each module, what it may not name.
const FORBIDDEN: [(&str, &[&str]); 8] = [
    (
        "domain",
        &[
            "http",
            "service",
            "cosmos",
            "app",
            "settings",
            "telemetry",
            "serve",
        ],
    ),
    ("cosmos", &["http", "service", "app", "serve"]),
    ("service", &["http", "app", "serve", "settings"]),
    (
        "settings",
        &["http", "service", "cosmos", "domain", "app", "serve"],
    ),
    (
        "telemetry",
        &[
            "http", "triggers", "service", "cosmos", "domain", "app", "serve",
        ],
    ),
    ("http", &["serve", "triggers"]),
    ("triggers", &["serve"]),
    (
        "doctor",
        &["http", "triggers", "service", "domain", "app", "serve"],
    ),
];

/// For each crate that is foreign, the only places that name it.
const KNOWN_IN: [(&str, &[&str]); 8] = [
    ("azure_data_cosmos", &["cosmos/"]),
    ("azure_identity", &["cosmos/credential.rs"]),
    ("azure_core", &["cosmos/", "settings/storage.rs"]),
    ("axum", &["http/", "triggers/", "app.rs", "serve.rs"]),
    ("jsonwebtoken", &["http/caller/"]),
    ("opentelemetry", &["telemetry/"]),
    ("utoipa_swagger_ui", &["http/docs.rs"]),
    ("std::env", &["settings.rs"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else {
                into.push(path);
            }
        }
    }
    let root = xtask::root().join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        })
        .collect()
}

#[test]
fn modules_name_only_those_below_them() {
    for (path, text) in sources() {
        let top = path.iter().next().unwrap().to_str().unwrap();
        let module = top.trim_end_matches(".rs");
        let rule = FORBIDDEN.iter().find(|(name, _)| *name == module);
        for other in rule.map_or(&[][..], |(_, others)| others) {
            let named = text.contains(&format!("crate::{other}::"));
            assert!(!named, "{} names {other}", path.display());
        }
    }
}

#[test]
fn only_main_asks_the_doctor() {
    for (path, text) in sources() {
        let is_its_own = path.starts_with("doctor") || path.starts_with("doctor.rs");
        let named = text.contains("crate::doctor") || text.contains("doctor::");
        let allowed = is_its_own || path.ends_with("main.rs");
        assert!(allowed || !named, "{} names the doctor", path.display());
    }
}

#[test]
fn what_is_foreign_is_known_in_one_place() {
    for (path, text) in sources() {
        let path = path.to_str().unwrap();
        for (foreign, known_in) in KNOWN_IN {
            let allowed = known_in.iter().any(|place| path.starts_with(place));
            let named = text.contains(&format!("{foreign}::"));
            assert!(allowed || !named, "{path} names {foreign}");
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 350, "{} has {lines} lines", path.display());
    }
}
