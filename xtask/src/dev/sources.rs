//! What the running app is made of, to see when it changes. Files are looked at again and again, which works the
//! same on every system and in every container.

use crate::root;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Below the workspace's folder.
const MADE_OF: [&str; 9] = [
    "src",
    "crates",
    "doctor",
    "docs/settings.md",
    "functions",
    "host.json",
    "infra/container.json",
    "Cargo.toml",
    "Cargo.lock",
];

/// When each file was changed, and its length in bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Sources(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Sources {
    pub(super) fn now() -> Self {
        Self::below(root())
    }

    fn below(root: &Path) -> Self {
        let mut sources = Self(BTreeMap::new());
        for path in MADE_OF {
            sources.add(&root.join(path));
        }
        sources
    }

    /// What cannot be read is not there, for now.
    fn add(&mut self, path: &Path) {
        let Ok(metadata) = fs::metadata(path) else {
            return;
        };
        if metadata.is_dir() {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let files =
                entries.filter(|entry| !is_an_editors(&entry.file_name().to_string_lossy()));
            files.for_each(|entry| self.add(&entry.path()));
        } else {
            self.0.insert(path.to_owned(), state(&metadata));
        }
    }
}

/// Editors put files of their own beside those that they edit.
fn is_an_editors(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name == "4913"
}

fn state(metadata: &Metadata) -> (Option<SystemTime>, u64) {
    (metadata.modified().ok(), metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_changed_added_or_removed_is_seen_and_an_editors_is_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("src/notes");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mod.rs"), "1").unwrap();
        let before = Sources::below(root.path());
        for name in [".mod.rs.swp", "mod.rs~"] {
            fs::write(folder.join(name), "1").unwrap();
        }
        assert_eq!(before, Sources::below(root.path()));

        fs::write(folder.join("mod.rs"), "12").unwrap();
        let changed = Sources::below(root.path());
        assert_ne!(before, changed);
        fs::write(folder.join("http.rs"), "").unwrap();
        assert_ne!(changed, Sources::below(root.path()));
        fs::remove_file(folder.join("http.rs")).unwrap();
        assert_eq!(changed, Sources::below(root.path()));
        fs::write(root.path().join("host.json"), "{}").unwrap();
        assert_ne!(changed, Sources::below(root.path()));
    }
}
