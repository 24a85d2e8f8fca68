//! Executables of headers alone.

use object::Endianness;
use object::build::elf::{Builder, Dynamic, Section, SectionData, VersionData, VersionNeed};
use object::elf::{self as constant, SHF_ALLOC, SectionType};

/// An executable for x86-64 that needs these libraries, and these versions of the last of them.
pub(crate) fn executable(libraries: &[&str], versions: &[&str]) -> Vec<u8> {
    built(builder(libraries, versions))
}

pub(crate) fn builder(libraries: &[&str], versions: &[&str]) -> Builder<'static> {
    let mut builder = Builder::new(Endianness::Little, true);
    builder.header.e_type = constant::ET_DYN;
    builder.header.e_machine = constant::EM_X86_64;
    builder.header.e_phoff = 0x40;
    let last = libraries.last().copied().unwrap_or_default();
    let file = builder.version_files.add(bytes(last).into());
    for version in versions {
        let version = builder.versions.add(VersionData::Need(VersionNeed {
            file,
            name: bytes(version).into(),
            flags: constant::VersionFlags(0),
        }));
        // The builder leaves out versions that no symbol has.
        let symbol = builder.dynamic_symbols.add();
        symbol.name = bytes("symbol").into();
        symbol.version = version;
    }
    section(
        &mut builder,
        ".shstrtab",
        constant::SHT_STRTAB,
        SectionData::SectionString,
    );
    if !libraries.is_empty() {
        add_dynamic_sections(&mut builder, libraries, !versions.is_empty());
    }
    builder
}

fn add_dynamic_sections(builder: &mut Builder<'static>, libraries: &[&str], versioned: bool) {
    let needed = |library: &&str| Dynamic::String {
        tag: constant::DT_NEEDED,
        val: bytes(library).into(),
    };
    let entries = libraries.iter().map(needed).collect();
    section(
        builder,
        ".dynsym",
        constant::SHT_DYNSYM,
        SectionData::DynamicSymbol,
    );
    section(
        builder,
        ".dynstr",
        constant::SHT_STRTAB,
        SectionData::DynamicString,
    );
    section(
        builder,
        ".dynamic",
        constant::SHT_DYNAMIC,
        SectionData::Dynamic(entries),
    );
    if versioned {
        section(
            builder,
            ".gnu.version_r",
            constant::SHT_GNU_VERNEED,
            SectionData::GnuVerneed,
        );
    }
}

fn section(
    builder: &mut Builder<'static>,
    name: &str,
    kind: SectionType,
    data: SectionData<'static>,
) {
    let section = builder.sections.add();
    section.name = bytes(name).into();
    section.sh_type = kind;
    section.sh_addralign = 8;
    if !matches!(data, SectionData::SectionString) {
        section.sh_flags = SHF_ALLOC;
    }
    section.data = data;
}

pub(crate) fn built(mut builder: Builder<'_>) -> Vec<u8> {
    let is_strings = |section: &&Section<'_>| matches!(section.data, SectionData::DynamicString);
    let strings = builder.sections.iter().find(is_strings).map(Section::id);
    for section in &mut builder.sections {
        section.sh_link_section = strings;
    }
    builder.set_section_sizes();
    let segment = builder.segments.add();
    segment.p_type = constant::PT_LOAD;
    segment.p_filesz = 0x1000;
    segment.p_memsz = 0x1000;
    segment.p_align = 8;
    for section in &mut builder.sections {
        if section.is_alloc() {
            segment.append_section(section);
        }
    }
    let mut file = Vec::new();
    builder.write(&mut file).unwrap();
    file
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}
