//! `cargo xtask stage`: the folder that the Functions host runs and Azure gets.

use crate::cargo;
use anyhow::Context;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The binary's name in the app, as `host.json` has it.
pub const HANDLER: &str = "handler";

/// Builds the handler for release and stages it. Returns the folder, `dist/app`.
pub fn run(root: &Path) -> anyhow::Result<PathBuf> {
    let [handler] = cargo::build(root, [HANDLER], true)?;
    let app = crate::staged(root);
    stage(root, &handler, &app)?;
    eprintln!("      Staged {}", app.display());
    Ok(app)
}

/// Makes `dest` anew: the app's files, and `local.settings.json` when there is one.
/// It is made beside `dest` and then swapped in, so a failure leaves the old one.
pub fn stage(root: &Path, handler: &Path, dest: &Path) -> anyhow::Result<()> {
    let (new, old) = (beside(dest, ".new"), beside(dest, ".old"));
    remove(&new)?;
    fill(root, handler, &new).inspect_err(|_| drop(remove(&new)))?;
    remove(&old)?;
    if dest.exists() {
        rename(dest, &old)?;
    }
    rename(&new, dest)?;
    remove(&old)
}

/// The app's files, by their path in it: `host.json`, each `functions/<name>/function.json` as
/// `<name>/function.json` (the host looks one level deep), and the handler.
pub(crate) fn files(root: &Path, handler: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut files = functions(&root.join("functions"))?;
    files.insert("host.json".to_owned(), root.join("host.json"));
    files.insert(HANDLER.to_owned(), handler.to_owned());
    Ok(files)
}

fn functions(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let reading = || format!("cannot read {}", folder.display());
    let mut functions = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let definition = entry.path().join("function.json");
        if definition.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            functions.insert(format!("{name}/function.json"), definition);
        }
    }
    Ok(functions)
}

fn fill(root: &Path, handler: &Path, app: &Path) -> anyhow::Result<()> {
    create(app)?;
    for (name, source) in files(root, handler)? {
        let dest = app.join(&name);
        create(dest.parent().unwrap_or(app))?;
        copy(&source, &dest)?;
    }
    make_executable(&app.join(HANDLER))?;
    let settings = root.join("local.settings.json");
    if settings.exists() {
        copy(&settings, &app.join("local.settings.json"))?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", file.display()))
}

#[cfg(not(unix))]
fn make_executable(_file: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// A hidden name in the same folder, from where a rename does not copy.
pub(crate) fn beside(dest: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(dest.file_name().unwrap_or_default());
    name.push(suffix);
    dest.with_file_name(name)
}

pub(crate) fn create(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

pub(crate) fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to)
        .with_context(|| format!("cannot rename {} to {}", from.display(), to.display()))
}

/// Removes a folder that may not be there.
fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A workspace with one function and a handler.
    fn workspace() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("host.json", "{}");
        write("functions/users/function.json", "users");
        write("functions/README.md", "not a function");
        write("target/handler", "binary");
        root
    }

    fn stage_in(root: &Path) -> anyhow::Result<PathBuf> {
        let dest = root.join("dist/app");
        stage(root, &root.join("target/handler"), &dest).map(|()| dest)
    }

    /// Every file below `folder`, sorted.
    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(folder).unwrap();
                    found.push(path.to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn functions_are_one_level_deep() {
        let root = workspace();
        let app = stage_in(root.path()).unwrap();
        assert_eq!(files(&app), ["handler", "host.json", "users/function.json"]);
    }

    #[test]
    fn local_settings_come_along() {
        let root = workspace();
        fs::write(root.path().join("local.settings.json"), "{}").unwrap();
        let app = stage_in(root.path()).unwrap();
        assert!(app.join("local.settings.json").exists());
    }

    #[cfg(unix)]
    #[test]
    fn the_handler_is_executable() {
        use std::os::unix::fs::PermissionsExt;
        let root = workspace();
        let app = stage_in(root.path()).unwrap();
        let mode = fs::metadata(app.join("handler"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o755);
    }

    #[test]
    fn what_was_staged_before_is_gone() {
        let root = workspace();
        let app = stage_in(root.path()).unwrap();
        fs::create_dir(app.join("retired")).unwrap();
        fs::write(app.join("retired/function.json"), "{}").unwrap();
        let app = stage_in(root.path()).unwrap();
        assert!(!app.join("retired").exists());
        assert_eq!(fs::read_dir(root.path().join("dist")).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_leaves_the_old_app() {
        let root = workspace();
        let app = stage_in(root.path()).unwrap();
        fs::remove_file(root.path().join("target/handler")).unwrap();
        let error = stage_in(root.path()).unwrap_err().to_string();
        assert!(error.starts_with("cannot copy"), "{error}");
        assert!(app.join("handler").exists());
        assert_eq!(fs::read_dir(root.path().join("dist")).unwrap().count(), 1);
    }
}
