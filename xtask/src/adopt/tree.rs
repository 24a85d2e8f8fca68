//! The files of a repository, as they are changed.

use super::name::Name;
use super::parts::{Edit, Part};
use super::text::{self, Kind};
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The names of this repository.
const OWN: &str = "cosmos-functions";
const OWN_CRATE: &str = "cosmos_functions";

/// Where it comes from keeps its name.
const ORIGIN: &str = "github.com/cosmos-functions/cosmos-functions";
const HELD: &str = "\u{0}origin\u{0}";

#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    files: Vec<PathBuf>,
}

impl Tree {
    /// What git knows, or would add.
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let listed = git(
            root,
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        )?;
        let files = listed.split_terminator('\0').map(|name| root.join(name));
        Ok(Self {
            root: root.to_owned(),
            files: files.filter(|file| file.is_file()).collect(),
        })
    }

    pub(super) fn is_clean(&self) -> anyhow::Result<bool> {
        Ok(git(&self.root, &["status", "--porcelain"])?.is_empty())
    }

    /// Removes the part's paths and what names them. Returns what it did. Errors name everything that is not as the
    /// part has it.
    pub(super) fn take_out(&self, part: &Part) -> anyhow::Result<String> {
        let mut removed = 0;
        for path in part.paths {
            removed += self.remove(&self.root.join(path))?;
        }
        let mut changes = Vec::new();
        for (file, has) in part.rows {
            changes.push(self.change(file, |text| text::without_rows(text, has)));
        }
        for (file, has) in each(part.entries) {
            let kind = Kind::of(file);
            changes.push(self.change(file, |text| text::without_entry(text, has, kind)));
        }
        for (file, has) in each(part.blocks) {
            changes.push(self.change(file, |text| text::without_block(text, has)));
        }
        for Edit { file, from, to } in part.edits {
            changes.push(self.change(file, |text| text::edited(text, from, to)));
        }
        let count = changes.len();
        let wrong: Vec<_> = changes.into_iter().filter_map(Result::err).collect();
        let wrong: Vec<_> = wrong.iter().map(|error| format!("{error:#}")).collect();
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(format!("{removed} files removed, {count} edits"))
    }

    /// Removes a file or a folder. Returns how many files that were.
    fn remove(&self, path: &Path) -> anyhow::Result<usize> {
        // Parts before this one have taken some.
        let is_left = |file: &&PathBuf| file.starts_with(path) && file.exists();
        let mut removed = 0;
        for file in self.files.iter().filter(is_left) {
            fs::remove_file(file).with_context(|| file.display().to_string())?;
            removed += 1;
        }
        ensure!(removed > 0, "{} is not there", path.display());
        if path.is_dir() {
            remove_empty(path)?;
        }
        Ok(removed)
    }

    /// A file that has left with another part needs no change.
    fn change(
        &self,
        file: &'static str,
        change: impl FnOnce(&str) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let path = self.root.join(file);
        if !path.exists() {
            return Ok(());
        }
        let text = fs::read_to_string(&path).context(file)?;
        fs::write(&path, change(&text).context(file)?).context(file)
    }

    /// Files that have one of these words.
    pub(super) fn with_words(&self, words: &[&str]) -> Vec<&Path> {
        let has = |file: &&PathBuf| {
            let text = fs::read_to_string(file).unwrap_or_default();
            words.iter().any(|word| text.contains(word))
        };
        self.files
            .iter()
            .filter(has)
            .map(PathBuf::as_path)
            .collect()
    }

    /// Returns in how many files. The licence goes on naming who gave it.
    pub(super) fn rename(&self, name: &Name) -> anyhow::Result<usize> {
        let mut renamed = 0;
        let is_ours = |file: &&PathBuf| !file.ends_with("LICENSE");
        for file in self.files.iter().filter(is_ours) {
            // What is no text names nothing.
            let Ok(text) = fs::read_to_string(file) else {
                continue;
            };
            let new = text
                .replace(ORIGIN, HELD)
                .replace(OWN, &name.to_string())
                .replace(OWN_CRATE, &name.of_crate())
                .replace(HELD, ORIGIN);
            if new != text {
                fs::write(file, new).with_context(|| file.display().to_string())?;
                renamed += 1;
            }
        }
        Ok(renamed)
    }
}

/// Each text, with its file.
fn each(
    table: &'static [(&'static str, &'static [&'static str])],
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let texts = table.iter();
    texts.flat_map(|(file, texts)| texts.iter().map(|has| (*file, *has)))
}

/// Folders that git does not know, as it knows files alone; what it ignores stays.
fn remove_empty(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty(&path)?;
        }
    }
    // Not empty: something is left that is the user's.
    let _not_empty = fs::remove_dir(folder);
    Ok(())
}

fn git(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let ran = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output();
    let ran = ran.context("git cannot be run")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "git failed: {said}");
    Ok(String::from_utf8(ran.stdout)?)
}
