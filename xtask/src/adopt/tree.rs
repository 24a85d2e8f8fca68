//! The files of a repository, as they are changed.

use super::name::Name;
use super::parts::{Edit, Part};
use super::text::{self, Kind};
use anyhow::{Context, bail, ensure};
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

    /// Removes the part's paths and edits what names them. Returns what it did.
    pub(super) fn take_out(&self, part: &Part) -> anyhow::Result<String> {
        let mut removed = 0;
        for path in part.paths {
            let path = self.root.join(path);
            let files = self.files.iter().filter(|file| file.starts_with(&path));
            let before = removed;
            for file in files {
                fs::remove_file(file).with_context(|| file.display().to_string())?;
                removed += 1;
            }
            ensure!(removed > before, "{} is not there", path.display());
            if path.is_dir() {
                remove_empty(&path)?;
            }
        }
        let mut edits = 0;
        for (file, entries) in part.entries {
            let kind = if file.ends_with(".md") {
                Kind::Markdown
            } else {
                Kind::Code
            };
            let without = |text: &str, at| text::without_entry(text, at, kind);
            edits += self.take_lines(file, entries, without)?;
        }
        for (file, blocks) in part.blocks {
            edits += self.take_lines(file, blocks, text::without_block)?;
        }
        for edit in part.edits {
            edits += self.edit(edit)?;
        }
        Ok(format!("{removed} files removed, {edits} edits"))
    }

    /// Returns how many edits that were. A file that has left with another part needs none.
    fn take_lines(
        &self,
        file: &str,
        texts: &[&str],
        without: impl Fn(&str, usize) -> String,
    ) -> anyhow::Result<usize> {
        let path = self.root.join(file);
        if !path.exists() {
            return Ok(0);
        }
        for has in texts {
            let text = fs::read_to_string(&path).with_context(|| file.to_owned())?;
            let lines = text.lines().enumerate();
            let found: Vec<_> = lines.filter(|(_, line)| line.contains(has)).collect();
            let [(at, _)] = found[..] else {
                bail!("{file} has {} lines with this, not one: {has}", found.len());
            };
            fs::write(&path, without(&text, at)).with_context(|| file.to_owned())?;
        }
        Ok(texts.len())
    }

    fn edit(&self, Edit { file, from, to }: &Edit) -> anyhow::Result<usize> {
        let path = self.root.join(file);
        if !path.exists() {
            return Ok(0);
        }
        let text = fs::read_to_string(&path).with_context(|| (*file).to_owned())?;
        let found = text.matches(from).count();
        ensure!(
            found == 1,
            "{file} has this {found} times, not once:\n{from}"
        );
        fs::write(&path, text.replace(from, to)).with_context(|| (*file).to_owned())?;
        Ok(1)
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
