//! What `infra/` deploys, as the Bicep compiler evaluated it (`infra/check`), held against this project's rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod snapshot;
mod expected;
mod agreement;
mod planted;

use snapshot::Snapshot;
use std::collections::BTreeMap;
use std::{fs, path::Path};

/// Files by path, so that a mistake can be planted in any.
#[derive(Clone)]
struct Repository(BTreeMap<String, String>);

type Rule = fn(&Repository) -> Vec<String>;

const RULES: [(&str, Rule); 4] = [
    ("expected", expected::expected),
    ("settings", agreement::settings),
    ("agree", agreement::agree),
    ("parameters", agreement::parameters),
];

impl Repository {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let paths = ["docs/", "infra/", "infra/snapshots/"].map(|folder| {
            let entries = fs::read_dir(root.join(folder)).unwrap();
            entries.map(move |entry| format!("{folder}{}", entry.unwrap().file_name().display()))
        });
        let paths = paths.into_iter().flatten();
        let texts =
            paths.filter_map(|path| Some((fs::read_to_string(root.join(&path)).ok()?, path)));
        Self(texts.map(|(text, path)| (path, text)).collect())
    }

    fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    fn snapshots(&self) -> Vec<Snapshot> {
        let snapshots = self.0.iter().filter_map(|(path, text)| {
            let name = path.strip_suffix(".snapshot.json")?;
            Some(Snapshot::of(name.rsplit('/').next()?, text))
        });
        snapshots.collect()
    }
}

#[test]
fn what_is_deployed_follows_the_rules() {
    let repository = Repository::read();
    assert_eq!(repository.snapshots().len(), 7);
    let found = RULES.map(|(_, rule)| rule(&repository)).concat();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
