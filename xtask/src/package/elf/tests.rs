use super::fixture::{builder, built, executable};
use super::*;
use object::elf::ET_REL;

const BOTH: [Architecture; 2] = [Architecture::X86_64, Architecture::Aarch64];

fn refusal(file: &[u8]) -> String {
    let refused = check(file, Architecture::X86_64).unwrap_err();
    format!("{refused:#}")
}

#[test]
fn glibcs_own_libraries_up_to_its_2_28_are_fine() {
    let file = executable(
        &["libm.so.6", "libc.so.6"],
        &["GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.17"],
    );
    let linkage = check(&file, Architecture::X86_64).unwrap();
    assert_eq!(linkage.libraries, ["libm.so.6", "libc.so.6"]);
    assert_eq!(linkage.newest(), Some("GLIBC_2.28"));
    assert_eq!(
        linkage.to_string(),
        "needs GLIBC_2.28 and libm.so.6, libc.so.6"
    );
}

#[test]
fn a_static_executable_is_fine() {
    for kind in [ET_EXEC, ET_DYN] {
        let mut builder = builder(&[], &[]);
        builder.header.e_type = kind;
        let linkage = check(&built(builder), Architecture::X86_64).unwrap();
        assert_eq!(linkage.to_string(), "static");
    }
}

#[test]
fn what_is_no_elf_file_is_refused() {
    for file in [&b""[..], b"#!/bin/sh\nexec true\n", b"\x7fELF", b"MZ\x90\0"] {
        assert!(refusal(file).starts_with("it is no 64-bit ELF file"));
    }
}

#[test]
fn another_machine_is_refused() {
    for (machine, runs_on) in [(EM_X86_64, BOTH[0]), (EM_AARCH64, BOTH[1])] {
        let mut builder = builder(&[], &[]);
        builder.header.e_machine = machine;
        let file = built(builder);
        for architecture in BOTH {
            let checked = check(&file, architecture).map_err(|error| error.to_string());
            let refused = format!("it is not for {architecture}: build it with another `--target`");
            let expected = if architecture == runs_on {
                None
            } else {
                Some(refused)
            };
            assert_eq!(checked.err(), expected);
        }
    }
}

#[test]
fn the_other_byte_order_is_refused() {
    let mut builder = builder(&[], &[]);
    builder.endian = Endianness::Big;
    assert!(refusal(&built(builder)).starts_with("it is not for x86-64"));
}

#[test]
fn an_object_file_is_refused() {
    let mut builder = builder(&[], &[]);
    builder.header.e_type = ET_REL;
    assert_eq!(refusal(&built(builder)), "it is no executable");
}

#[test]
fn every_other_library_is_named() {
    let file = executable(
        &["libssl.so.3", "libgcc_s.so.1", "libc.so.6"],
        &["GLIBC_2.17"],
    );
    assert_eq!(
        refusal(&file),
        "it needs libssl.so.3, libgcc_s.so.1, which may not be there: link them statically"
    );
    // The one of musl, which a dynamic binary for musl needs.
    assert!(refusal(&executable(&["libc.so"], &[])).contains("libc.so,"));
}

#[test]
fn every_newer_version_of_glibc_is_named() {
    let file = executable(
        &["libc.so.6"],
        &[
            "GLIBC_2.9",
            "GLIBC_2.28.1",
            "GLIBC_2.34",
            "GLIBC_PRIVATE",
            "GLIBC_ABI_DT_RELR",
        ],
    );
    assert_eq!(
        refusal(&file),
        "it needs GLIBC_2.28.1, GLIBC_2.34, GLIBC_ABI_DT_RELR, GLIBC_PRIVATE, \
         newer than glibc 2.28: link it with cargo-zigbuild"
    );
}

#[test]
fn both_are_said_at_once() {
    let file = executable(&["libgcc_s.so.1", "libc.so.6"], &["GLIBC_2.34"]);
    let refused = refusal(&file);
    assert!(refused.contains("libgcc_s.so.1"), "{refused}");
    assert!(refused.contains("; it needs GLIBC_2.34"), "{refused}");
}

#[test]
fn libraries_without_versions_are_refused() {
    let refused = refusal(&executable(&["libc.so.6"], &[]));
    assert!(
        refused.starts_with("it does not say which glibc"),
        "{refused}"
    );
}

#[test]
fn what_cannot_be_looked_into_is_refused() {
    let mut builder = builder(&[], &[]);
    builder.segments.add().p_type = PT_DYNAMIC;
    assert_eq!(
        refusal(&built(builder)),
        "its ELF headers are damaged: a dynamic segment without a section"
    );
    let mut cut = executable(&["libc.so.6"], &["GLIBC_2.17"]);
    cut.truncate(cut.len() - 1);
    assert!(refusal(&cut).starts_with("its ELF headers are damaged"));
}

/// As cargo links here: to `libgcc_s` as well.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn this_test_itself_is_refused() {
    let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(refusal(&file).starts_with("it needs libgcc_s.so.1"));
}
