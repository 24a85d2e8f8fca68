//! `cargo xtask package`: the app as one zip that runs on Azure Functions' machines, whatever this one is.

pub mod archive;
mod bounds;
mod elf;
mod target;
mod zigbuild;

pub use elf::{Architecture, Linkage};
pub use target::Target;

use crate::{cargo, stage};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// What to build for [default: static x86-64 where the toolchain has it, else with glibc 2.28].
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
    /// Make new bounds for the sizes, 2 % above those of this package.
    #[arg(long)]
    update: bool,
}

/// What was packed.
#[derive(Debug)]
pub struct Packed {
    pub linkage: Linkage,
    /// Bytes of the handler.
    pub handler: u64,
    /// Bytes of the zip.
    pub zip: u64,
}

/// Builds the handler for release and packs the app. Returns the zip, `dist/app.zip`. Fails when it or the handler is
/// larger than its bound.
pub fn run(root: &Path, options: Options) -> anyhow::Result<PathBuf> {
    let target = match options.target {
        Some(target) => target.or_how_to_install(root)?,
        None => Target::default_of(|target| target.is_installed(root))?,
    };
    let handler = build(root, target)?;
    let zip = crate::packaged(root);
    let packed = pack(root, &handler, target.architecture(), &zip)?;
    report(&zip, target, &packed);
    if options.update {
        bounds::update(root, target, &packed)?;
    }
    bounds::check(root, target, &packed)?;
    Ok(zip)
}

fn build(root: &Path, target: Target) -> anyhow::Result<PathBuf> {
    let mut cargo = zigbuild::command(root)?;
    cargo.args(["--release", "--no-default-features"]);
    cargo.args(["--target", &target.with_glibc()]);
    if let Some((name, flags)) = target.rust_flags() {
        cargo.env(name, flags);
    }
    let [handler] = cargo::build_with(cargo, [stage::HANDLER])?;
    Ok(handler)
}

/// Packs the app with this handler into `dest`. The same files give the same bytes. Refuses a handler that
/// would not run on Azure Functions; a failure leaves the old zip.
pub fn pack(
    root: &Path,
    handler: &Path,
    architecture: Architecture,
    dest: &Path,
) -> anyhow::Result<Packed> {
    let binary = fs::read(handler).with_context(|| handler.display().to_string())?;
    let linkage = elf::check(&binary, architecture)
        .with_context(|| format!("{} is not packed", handler.display()))?;
    let zip = archive::write(&stage::files(root, handler)?, dest)?;
    let handler = binary.len() as u64;
    Ok(Packed {
        linkage,
        handler,
        zip,
    })
}

fn report(zip: &Path, target: Target, packed: &Packed) {
    let (handler, linkage) = (megabytes(packed.handler), &packed.linkage);
    eprintln!("    Packaged {}", zip.display());
    eprintln!("         Zip {}", megabytes(packed.zip));
    eprintln!("     Handler {handler}, {}, {linkage}", target.triple());
}

/// Decimal megabytes, as in the portal and in limits of uploads.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests;
