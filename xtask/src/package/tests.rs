use super::elf::fixture::executable;
use super::*;
use std::fs::File;
use std::io::Read;
use tempfile::TempDir;
use zip::{CompressionMethod, DateTime, ZipArchive};

/// A workspace with one function, and next to what is packed what is not.
fn workspace() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(&root, "host.json", b"{}");
    write(&root, "functions/users/function.json", b"users");
    write(&root, "functions/users/notes.md", b"not packed");
    write(&root, "functions/README.md", b"not a function");
    write(&root, "local.settings.json", b"secret");
    write(&root, "target/handler", &handler());
    root
}

fn handler() -> Vec<u8> {
    executable(&["libc.so.6"], &["GLIBC_2.17"])
}

fn write(root: &TempDir, path: &str, content: &[u8]) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn pack_in(root: &TempDir) -> anyhow::Result<Packed> {
    let handler = root.path().join("target/handler");
    pack(root.path(), &handler, Architecture::X86_64, &zip(root))
}

fn zip(root: &TempDir) -> PathBuf {
    crate::packaged(root.path())
}

fn opened(root: &TempDir) -> ZipArchive<File> {
    ZipArchive::new(File::open(zip(root)).unwrap()).unwrap()
}

/// Everything in the folder of the zip.
fn beside_the_zip(root: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(root.path().join("dist")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_zip_has_what_is_deployed_and_nothing_else() {
    let root = workspace();
    pack_in(&root).unwrap();
    let mut zip = opened(&root);
    let packed = [
        ("handler", handler(), 0o755),
        ("host.json", b"{}".to_vec(), 0o644),
        ("users/function.json", b"users".to_vec(), 0o644),
    ];
    assert_eq!(zip.len(), packed.len());
    for (index, (name, content, mode)) in packed.into_iter().enumerate() {
        let mut entry = zip.by_index(index).unwrap();
        let mut found = Vec::new();
        entry.read_to_end(&mut found).unwrap();
        assert_eq!(entry.name().unwrap(), name);
        assert_eq!(found, content, "{name}");
        assert_eq!(entry.unix_mode().unwrap() & 0o7777, mode, "{name}");
        assert_eq!(entry.compression(), CompressionMethod::Deflated);
        assert_eq!(entry.last_modified(), Some(DateTime::DEFAULT));
    }
}

#[test]
fn the_same_files_give_the_same_bytes_wherever_and_whenever() {
    let (one, other) = (workspace(), workspace());
    let host_json = File::options()
        .write(true)
        .open(other.path().join("host.json"));
    host_json
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
    let mut permissions = fs::metadata(other.path().join("host.json"))
        .unwrap()
        .permissions();
    permissions.set_readonly(true);
    fs::set_permissions(other.path().join("host.json"), permissions).unwrap();
    for root in [&one, &other] {
        pack_in(root).unwrap();
    }
    assert_eq!(fs::read(zip(&one)).unwrap(), fs::read(zip(&other)).unwrap());
}

#[test]
fn packing_tells_the_sizes() {
    let root = workspace();
    let packed = pack_in(&root).unwrap();
    assert_eq!(packed.handler, handler().len() as u64);
    assert_eq!(packed.zip, fs::metadata(zip(&root)).unwrap().len());
    assert_eq!(packed.linkage.newest(), Some("GLIBC_2.17"));
    assert_eq!(megabytes(18_466_688), "18.47 MB");
    assert_eq!(megabytes(6_010_000), "6.01 MB");
}

#[test]
fn a_handler_that_would_not_run_is_refused_and_the_old_zip_stays() {
    let root = workspace();
    pack_in(&root).unwrap();
    let old = fs::read(zip(&root)).unwrap();
    for (handler, problem) in [
        (b"#!/bin/sh".to_vec(), "it is no 64-bit ELF file"),
        (
            executable(&["libc.so.6"], &["GLIBC_2.34"]),
            "it needs GLIBC_2.34",
        ),
        (executable(&["libssl.so.3"], &[]), "it needs libssl.so.3"),
    ] {
        write(&root, "target/handler", &handler);
        let error = format!("{:#}", pack_in(&root).unwrap_err());
        let refused = format!("target/handler is not packed: {problem}");
        assert!(error.contains(&refused), "{error}");
        assert_eq!(fs::read(zip(&root)).unwrap(), old);
    }
    assert_eq!(beside_the_zip(&root), ["app.zip"]);
}

#[test]
fn a_failure_in_the_middle_leaves_the_old_zip() {
    let root = workspace();
    pack_in(&root).unwrap();
    let old = fs::read(zip(&root)).unwrap();
    fs::remove_file(root.path().join("host.json")).unwrap();
    let error = pack_in(&root).unwrap_err().to_string();
    assert!(error.starts_with("cannot pack"), "{error}");
    assert_eq!(fs::read(zip(&root)).unwrap(), old);
    assert_eq!(beside_the_zip(&root), ["app.zip"]);
}
