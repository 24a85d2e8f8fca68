//! The zip: the same files give the same bytes.

use crate::stage::{HANDLER, beside, create, rename};
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Packs files, by their path in the zip and in this order. It is made beside `dest` and then renamed, so
/// that a failure leaves the old one. Returns its size in bytes.
pub fn write(files: &BTreeMap<String, PathBuf>, dest: &Path) -> anyhow::Result<u64> {
    let new = beside(dest, ".new");
    create(dest.parent().unwrap_or(dest))?;
    let size = fill(files, &new).inspect_err(|_| drop(fs::remove_file(&new)))?;
    rename(&new, dest)?;
    Ok(size)
}

fn fill(files: &BTreeMap<String, PathBuf>, zip: &Path) -> anyhow::Result<u64> {
    let writing = || format!("cannot write {}", zip.display());
    let mut writer = ZipWriter::new(File::create(zip).with_context(writing)?);
    for (name, source) in files {
        let copying = || format!("cannot pack {}", source.display());
        let mut source = File::open(source).with_context(copying)?;
        writer
            .start_file(name, options(name))
            .with_context(writing)?;
        io::copy(&mut source, &mut writer).with_context(copying)?;
    }
    let file = writer.finish().with_context(writing)?;
    Ok(file.metadata().with_context(writing)?.len())
}

/// Nothing of this machine: no times, no modes of its files.
fn options(name: &str) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(if name == HANDLER { 0o755 } else { 0o644 })
}
