//! What `infra/` deploys, as the Bicep compiler evaluated it (`infra/check`), held against this project's rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod expected;
mod agreement;
mod rules;
mod planted;

use serde_json::Value;
use std::collections::BTreeMap;
use std::{fs, path::Path};

/// Files by path, so that a mistake can be planted in any.
#[derive(Clone)]
struct Repository(BTreeMap<String, String>);

/// A deployment that people make.
struct Snapshot {
    name: String,
    resources: Vec<Value>,
}

type Rule = fn(&Repository) -> Vec<String>;

const RULES: [(&str, Rule); 7] = [
    ("expected", expected::expected),
    ("flex", rules::flex),
    ("roles", rules::roles),
    ("settings", rules::settings),
    ("agree", rules::agree),
    ("parameters", agreement::parameters),
    ("pipeline", agreement::pipeline),
];

impl Repository {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = [
            "",
            "docs/",
            "infra/",
            "infra/snapshots/",
            ".github/workflows/",
        ];
        let paths = folders.iter().flat_map(|folder| {
            let entries = fs::read_dir(root.join(folder)).unwrap();
            entries.map(move |entry| format!("{folder}{}", entry.unwrap().file_name().display()))
        });
        let read = |path: String| Some((fs::read_to_string(root.join(&path)).ok()?, path));
        Self(
            paths
                .filter_map(read)
                .map(|(text, path)| (path, text))
                .collect(),
        )
    }

    fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(self.text(path)).unwrap()
    }

    fn snapshots(&self) -> Vec<Snapshot> {
        let names = self
            .0
            .keys()
            .filter_map(|path| path.strip_suffix(".snapshot.json"));
        let read = names.map(|name| {
            let mut content = self.json(&format!("{name}.snapshot.json"));
            let mut outputs = content["outputs"].take();
            outputs["type"] = "outputs".into();
            let mut resources = content["predictedResources"].as_array().unwrap().clone();
            resources.push(outputs);
            let name = name.rsplit('/').next().unwrap().to_owned();
            Snapshot { name, resources }
        });
        read.collect()
    }
}

impl Snapshot {
    fn of(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.resources.iter().filter(move |one| one["type"] == kind)
    }
}

#[test]
fn what_is_deployed_follows_the_rules() {
    let repository = Repository::read();
    assert_eq!(repository.snapshots().len(), 7);
    let found: Vec<_> = RULES
        .iter()
        .flat_map(|(_, rule)| rule(&repository))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
