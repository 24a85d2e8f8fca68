//! How large the handler is.

use anyhow::Context;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use xtask::package::archive;
use xtask::stage::HANDLER;

/// Bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) binary: u64,
    /// Packed as in a package, of which there is little else.
    pub(super) packed: u64,
}

impl Size {
    pub(super) fn of(root: &Path, handler: &Path) -> anyhow::Result<Self> {
        let file = fs::metadata(handler).context("cannot see how large the handler is")?;
        let files = BTreeMap::from([(HANDLER.to_owned(), handler.to_owned())]);
        Ok(Self {
            binary: file.len(),
            packed: archive::write(&files, &root.join("target/bench/handler.zip"))?,
        })
    }
}
