//! What a binary needs of the machine it runs on, as its ELF headers have it.

use anyhow::{Context, ensure};
use object::elf::{
    DT_NEEDED, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, FileHeader64, Machine, PT_DYNAMIC,
};
use object::read::elf::{FileHeader, ProgramHeader, SectionTable};
use object::{Endianness, StringTable};
use std::fmt;

/// The newest glibc a handler may need: those of Azure Functions' Linux images differ, and all are newer.
pub(crate) const GLIBC: &str = "2.28";

/// Libraries of glibc itself, for both architectures.
const OF_GLIBC: [&str; 9] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];

type Sections<'data> = SectionTable<'data, FileHeader64<Endianness>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    X86_64,
    Aarch64,
}

/// What a binary is linked to at run time.
#[derive(Debug, PartialEq, Eq)]
pub struct Linkage {
    /// Names of shared libraries; none in a static binary.
    pub libraries: Vec<String>,
    /// Versions of glibc's symbols, `GLIBC_2.28`.
    pub versions: Vec<String>,
}

/// Refuses what would not run on this architecture with glibc 2.28 and nothing else.
pub(crate) fn check(file: &[u8], architecture: Architecture) -> anyhow::Result<Linkage> {
    let elf = FileHeader64::<Endianness>::parse(file).context("it is no 64-bit ELF file")?;
    let endian = elf.endian()?;
    ensure!(
        architecture.machine() == elf.e_machine(endian) && elf.is_little_endian(),
        "it is not for {architecture}: build it with another `--target`"
    );
    ensure!(
        [ET_EXEC, ET_DYN].contains(&elf.e_type(endian)),
        "it is no executable"
    );
    let linkage = Linkage::read(elf, file).context("its ELF headers are damaged")?;
    let problems = linkage.problems();
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    Ok(linkage)
}

impl Linkage {
    fn read(elf: &FileHeader64<Endianness>, file: &[u8]) -> anyhow::Result<Self> {
        let endian = elf.endian()?;
        let sections = elf.sections(endian, file)?;
        let dynamic = sections.dynamic_table(endian, file)?;
        let mut segments = elf.program_headers(endian, file)?.iter();
        // The loader reads segments, but the names are found by sections.
        ensure!(
            !dynamic.is_empty() || segments.all(|segment| segment.p_type(endian) != PT_DYNAMIC),
            "a dynamic segment without a section"
        );
        let mut libraries = Vec::new();
        for entry in dynamic.iter().filter(|entry| entry.tag == DT_NEEDED) {
            libraries.push(text(dynamic.string(entry)?));
        }
        let versions = versions(&sections, file, endian)?;
        Ok(Self {
            libraries,
            versions,
        })
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let foreign = list(&self.libraries, |name| !OF_GLIBC.contains(&name));
        if !foreign.is_empty() {
            problems.push(format!(
                "it needs {foreign}, which may not be there: link them statically"
            ));
        }
        let newer = list(&self.versions, |version| !is_old_enough(version));
        if !newer.is_empty() {
            problems.push(format!(
                "it needs {newer}, newer than glibc {GLIBC}: link it with cargo-zigbuild"
            ));
        }
        if self.versions.is_empty() && !self.libraries.is_empty() {
            problems.push(
                "it does not say which glibc it needs: link it with cargo-zigbuild".to_owned(),
            );
        }
        problems
    }

    /// The newest version of glibc's symbols that it needs; none in a static binary.
    pub fn newest(&self) -> Option<&str> {
        let newest = self.versions.iter().max_by_key(|version| numbers(version));
        newest.map(String::as_str)
    }
}

impl fmt::Display for Linkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.newest() {
            None => f.write_str("static"),
            Some(newest) => write!(f, "needs {newest} and {}", self.libraries.join(", ")),
        }
    }
}

impl Architecture {
    fn machine(self) -> Machine {
        match self {
            Self::X86_64 => EM_X86_64,
            Self::Aarch64 => EM_AARCH64,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86-64",
            Self::Aarch64 => "arm64",
        })
    }
}

/// The versions it needs of glibc; those of other libraries are refused with them.
fn versions(
    sections: &Sections<'_>,
    file: &[u8],
    endian: Endianness,
) -> anyhow::Result<Vec<String>> {
    let mut versions = Vec::new();
    let Some((mut needs, link)) = sections.gnu_verneed(endian, file)? else {
        return Ok(versions);
    };
    let strings: StringTable<'_> = sections.strings(endian, file, link)?;
    while let Some((_library, mut names)) = needs.next()? {
        while let Some(name) = names.next()? {
            versions.push(text(name.name(endian, strings)?));
        }
    }
    versions.retain(|version| version.starts_with("GLIBC_"));
    versions.sort();
    versions.dedup();
    Ok(versions)
}

/// Those that are wrong, with commas between them.
fn list(names: &[String], is_wrong: impl Fn(&str) -> bool) -> String {
    let names = names.iter().map(String::as_str);
    names
        .filter(|name| is_wrong(name))
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_old_enough(version: &str) -> bool {
    numbers(version).is_some_and(|version| Some(version) <= numbers(GLIBC))
}

/// `[2, 2, 5]` of `GLIBC_2.2.5`; none of a name without numbers, as `GLIBC_PRIVATE` is.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let numbers = version.strip_prefix("GLIBC_").unwrap_or(version);
    numbers
        .split('.')
        .map(|number| number.parse().ok())
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
