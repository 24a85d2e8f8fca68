//! `cargo xtask stage`: the folder that the Functions host runs and Azure gets.

use crate::cargo;
use anyhow::Context;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Builds the handler for release and stages it. Returns the folder, `dist/app`.
pub fn run(root: &Path) -> anyhow::Result<PathBuf> {
    let handler = cargo::build(root, "cosmos-functions", "handler", true)?;
    let app = crate::staged(root);
    stage(root, &handler, &app)?;
    eprintln!("      Staged {}", app.display());
    Ok(app)
}

/// Makes `dest` anew: `host.json`, each `functions/<name>/function.json` as `<name>/function.json`
/// (the host looks one level deep), the handler, and `local.settings.json` when there is one.
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

fn fill(root: &Path, handler: &Path, app: &Path) -> anyhow::Result<()> {
    create(app)?;
    copy(&root.join("host.json"), &app.join("host.json"))?;
    copy_functions(&root.join("functions"), app)?;
    copy_executable(handler, &app.join("handler"))?;
    let settings = root.join("local.settings.json");
    if settings.exists() {
        copy(&settings, &app.join("local.settings.json"))?;
    }
    Ok(())
}

fn copy_functions(functions: &Path, app: &Path) -> anyhow::Result<()> {
    let reading = || format!("cannot read {}", functions.display());
    for entry in fs::read_dir(functions).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let definition = entry.path().join("function.json");
        if definition.is_file() {
            let function = app.join(entry.file_name());
            create(&function)?;
            copy(&definition, &function.join("function.json"))?;
        }
    }
    Ok(())
}

fn copy_executable(from: &Path, to: &Path) -> anyhow::Result<()> {
    copy(from, to)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(to, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", to.display()))?;
    }
    Ok(())
}

fn beside(dest: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(dest.file_name().unwrap_or_default());
    name.push(suffix);
    dest.with_file_name(name)
}

fn create(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
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
        write("functions/projects/function.json", "projects");
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
        assert_eq!(
            files(&app),
            ["handler", "host.json", "projects/function.json"]
        );
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
