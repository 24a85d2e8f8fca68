//! What the handler can be built for.

use super::elf::{Architecture, GLIBC};
use anyhow::{Context, bail};
use clap::ValueEnum;
use std::path::Path;
use std::process::Command;

const STATIC_FLAGS: &str = "-C linker=rust-lld -C link-self-contained=yes \
    -C link-arg=-zpack-relative-relocs -C link-arg=--icf=all";

/// Linux, static (musl) or dynamic (gnu).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    #[value(name = "x86_64-unknown-linux-musl")]
    StaticX86_64,
    #[value(name = "x86_64-unknown-linux-gnu")]
    DynamicX86_64,
    #[value(name = "aarch64-unknown-linux-musl")]
    StaticAarch64,
    #[value(name = "aarch64-unknown-linux-gnu")]
    DynamicAarch64,
}

impl Target {
    /// For x86-64, static where the toolchain has it.
    pub(crate) fn default_of(
        is_installed: impl Fn(Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<Self> {
        for target in [Self::StaticX86_64, Self::DynamicX86_64] {
            if is_installed(target)? {
                return Ok(target);
            }
        }
        Err(Self::StaticX86_64.missing())
    }

    /// Itself, if the toolchain has it.
    pub(crate) fn or_how_to_install(self, root: &Path) -> anyhow::Result<Self> {
        if self.is_installed(root)? {
            return Ok(self);
        }
        Err(self.missing())
    }

    fn missing(self) -> anyhow::Error {
        let triple = self.triple();
        anyhow::anyhow!(
            "the toolchain has no standard library for {triple}; `rustup target add {triple}` installs it"
        )
    }

    /// Whether the toolchain has its standard library.
    pub(crate) fn is_installed(self, root: &Path) -> anyhow::Result<bool> {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        rustc.args(["--print", "target-libdir", "--target", self.triple()]);
        let answer = rustc
            .current_dir(root)
            .output()
            .context("cannot run rustc")?;
        if !answer.status.success() {
            bail!("{rustc:?}: {}", String::from_utf8_lossy(&answer.stderr));
        }
        Ok(Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir())
    }

    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::StaticX86_64 => "x86_64-unknown-linux-musl",
            Self::DynamicX86_64 => "x86_64-unknown-linux-gnu",
            Self::StaticAarch64 => "aarch64-unknown-linux-musl",
            Self::DynamicAarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// For cargo-zigbuild, which links for the glibc in the target's suffix.
    pub(crate) fn with_glibc(self) -> String {
        match self {
            Self::StaticX86_64 | Self::StaticAarch64 => self.triple().to_owned(),
            Self::DynamicX86_64 | Self::DynamicAarch64 => {
                format!("{}.{GLIBC}", self.triple())
            }
        }
    }

    /// A variable for cargo, and what is in it. A static handler is linked by the toolchain's own lld, for the sake of its
    /// size: relocations are packed, and functions that are the same are there once. zig's linker can do neither; and
    /// glibc 2.28 could not load packed relocations.
    pub(crate) fn rust_flags(self) -> Option<(String, &'static str)> {
        let is_static = matches!(self, Self::StaticX86_64 | Self::StaticAarch64);
        let triple = self.triple().to_uppercase().replace('-', "_");
        is_static.then(|| (format!("CARGO_TARGET_{triple}_RUSTFLAGS"), STATIC_FLAGS))
    }

    pub(crate) fn architecture(self) -> Architecture {
        match self {
            Self::StaticX86_64 | Self::DynamicX86_64 => Architecture::X86_64,
            Self::StaticAarch64 | Self::DynamicAarch64 => Architecture::Aarch64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_where(installed: &[Target]) -> anyhow::Result<Target> {
        Target::default_of(|target| Ok(installed.contains(&target)))
    }

    #[test]
    fn it_is_static_where_the_toolchain_can() {
        let both = default_where(&[Target::DynamicX86_64, Target::StaticX86_64]);
        assert_eq!(both.unwrap(), Target::StaticX86_64);
        let dynamic = default_where(&[Target::DynamicX86_64, Target::StaticAarch64]);
        assert_eq!(dynamic.unwrap(), Target::DynamicX86_64);
    }

    #[test]
    fn without_a_standard_library_it_says_how_to_install_one() {
        let error = default_where(&[]).unwrap_err().to_string();
        assert!(
            error.ends_with("`rustup target add x86_64-unknown-linux-musl` installs it"),
            "{error}"
        );
    }

    #[test]
    fn the_toolchain_knows_every_target() {
        for target in Target::value_variants() {
            target.is_installed(crate::root()).unwrap();
        }
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    #[test]
    fn the_toolchain_has_what_it_built_this_test_for() {
        assert!(Target::DynamicX86_64.is_installed(crate::root()).unwrap());
    }

    #[test]
    fn a_target_is_named_as_rustc_names_it() {
        for target in Target::value_variants() {
            let value = target.to_possible_value().unwrap();
            assert_eq!(value.get_name(), target.triple());
        }
    }

    #[test]
    fn only_a_dynamic_one_has_a_glibc() {
        assert_eq!(
            Target::StaticAarch64.with_glibc(),
            "aarch64-unknown-linux-musl"
        );
        assert_eq!(
            Target::DynamicX86_64.with_glibc(),
            "x86_64-unknown-linux-gnu.2.28"
        );
    }
}
