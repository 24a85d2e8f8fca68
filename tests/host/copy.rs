//! Copies of this repository, to build and run with changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of a repository, by their paths in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What git has of this repository.
pub(crate) fn repository() -> Files {
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
fn write(files: &Files, folder: &Path) {
    let kept = folder.join("files");
    for name in fs::read_to_string(&kept).unwrap_or_default().lines() {
        if !files.contains_key(name) {
            fs::remove_file(folder.join(name)).unwrap();
            // And the folders that have nothing else: a folder of `functions` is a function.
            for above in Path::new(name).ancestors().skip(1) {
                if fs::remove_dir(folder.join(above)).is_err() {
                    break;
                }
            }
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

/// This repository with changes, in a folder of its own that the next run finds again. Both are built in one folder: with
/// a version of its own, what is built of it is not taken for this repository's.
pub(crate) fn copy(name: &str, change: impl FnOnce(&mut Files)) -> PathBuf {
    let mut files = repository();
    change(&mut files);
    let manifest = files.get_mut("Cargo.toml").unwrap();
    let text = String::from_utf8_lossy(manifest);
    let own = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n");
    let other = format!("\nversion = \"{}-{name}\"\n", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(own));
    *manifest = text.replacen(own, &other, 1).into_bytes();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    write(&files, &folder);
    folder
}

/// Cargo in a copy. The dependencies were built for this repository.
pub(crate) fn cargo(folder: &Path) -> Command {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = xtask::cargo::command(folder);
    cargo
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_BUILD_BUILD_DIR", built)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    cargo
}
