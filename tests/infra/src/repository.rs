//! The text of the files that are checked.

use anyhow::Context;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FILES: [&str; 2] = ["azure.yaml", "local.settings.json.example"];
const FOLDERS: [&str; 3] = ["infra", "functions", "xtask/src"];

/// Text by path from the root, with `/`.
#[derive(Debug, Clone)]
pub struct Repository {
    files: BTreeMap<String, String>,
}

impl Repository {
    pub fn read() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut repository = Self {
            files: BTreeMap::new(),
        };
        for folder in FOLDERS {
            repository.add_folder(&root, folder)?;
        }
        for path in FILES {
            repository.add(&root, path)?;
        }
        Ok(repository)
    }

    fn add_folder(&mut self, root: &Path, folder: &str) -> anyhow::Result<()> {
        let entries = fs::read_dir(root.join(folder)).with_context(|| format!("no {folder}"))?;
        for entry in entries {
            let entry = entry?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add_folder(root, &path)?;
            } else {
                self.add(root, &path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, root: &Path, path: &str) -> anyhow::Result<()> {
        let text = fs::read_to_string(root.join(path));
        let text = text.with_context(|| format!("cannot read {path}"))?;
        self.files.insert(path.to_owned(), text);
        Ok(())
    }

    pub(crate) fn with(&self, path: &str, text: String) -> Self {
        let mut files = self.files.clone();
        files.insert(path.to_owned(), text);
        Self { files }
    }

    pub fn text(&self, path: &str) -> anyhow::Result<&str> {
        let text = self.files.get(path);
        text.map(String::as_str)
            .with_context(|| format!("no {path}"))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Those that end so.
    pub fn paths_to<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a str> {
        self.paths().filter(move |path| path.ends_with(end))
    }

    pub(crate) fn json(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let parsed = serde_json::from_str(self.text(path)?);
        parsed.with_context(|| format!("{path} is not JSON"))
    }

    /// The line that `text` is first on, 0 when it is not there.
    pub(crate) fn line(&self, path: &str, text: &str) -> usize {
        let lines = self.files.get(path).map_or("", String::as_str).lines();
        let mut lines = lines.enumerate().filter(|(_, line)| line.contains(text));
        lines.next().map_or(0, |(index, _)| index + 1)
    }
}
