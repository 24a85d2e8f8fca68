//! On copies of this repository.

use super::name::Name;
use super::parts::{PARTS, Part};
use super::tree::Tree;
use super::{Options, leaving};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// This repository, elsewhere.
fn copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(crate::root()) {
        let to = copy.path().join(file.strip_prefix(crate::root()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    git(copy.path(), &["init", "--quiet"]);
    copy
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let ran = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

fn files(root: &Path) -> Vec<PathBuf> {
    let listed = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let listed = git(root, &listed);
    let files = listed.split_terminator('\0').map(|name| root.join(name));
    files.filter(|file| file.is_file()).collect()
}

/// Every text of a repository, by its path.
fn texts(root: &Path) -> Vec<(PathBuf, String)> {
    let texts = files(root).into_iter();
    texts
        .filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?)))
        .collect()
}

/// Links of Markdown to files that are not there.
fn broken_links(root: &Path) -> Vec<String> {
    let mut broken = Vec::new();
    for (file, text) in texts(root) {
        let is_markdown = file.extension().is_some_and(|extension| extension == "md");
        for link in text.split("](").skip(1).filter(|_| is_markdown) {
            let target = link.split([')', ' ', '#']).next().unwrap_or_default();
            let is_file = !target.is_empty() && !target.contains(':');
            let path = file.with_file_name(target);
            if is_file && !path.exists() {
                broken.push(format!("{} → {target}", file.display()));
            }
        }
    }
    broken
}

/// Takes out what leaves by these options: parts with commas between them.
fn take_out(root: &Path, with: &str, without: &str) -> Vec<&'static Part> {
    let names = |names: &str| names.split_terminator(',').map(str::to_owned).collect();
    let leaving = leaving(&Options {
        name: "my-service".parse().unwrap(),
        without: names(without),
        with: names(with),
        yes: true,
    });
    let leaving = leaving.unwrap();
    let tree = Tree::of(root).unwrap();
    for part in &leaving {
        tree.take_out(part).unwrap();
    }
    leaving
}

/// The parts that leave by themselves, with commas between them.
fn own() -> String {
    let own = PARTS.iter().filter(|part| part.leaves_by_itself);
    own.map(|part| part.name).collect::<Vec<_>>().join(",")
}

#[test]
fn nothing_is_changed_where_something_could_be_lost() {
    let copy = copy();
    let before = texts(copy.path());
    let options = Options {
        name: "my-service".parse().unwrap(),
        without: Vec::new(),
        with: Vec::new(),
        yes: true,
    };
    let refused = super::run(copy.path(), &options).unwrap_err().to_string();
    assert_eq!(refused, "there are changes that are not committed");
    assert_eq!(texts(copy.path()), before);
}

#[test]
fn every_document_links_to_what_is_there() {
    assert_eq!(broken_links(crate::root()), [""; 0]);
}

#[test]
fn each_part_can_be_taken_out_alone_and_no_document_links_to_it() {
    for part in PARTS {
        let copy = copy();
        let own = own();
        let kept: Vec<_> = own.split(',').filter(|name| *name != part.name).collect();
        let without = if part.leaves_by_itself { "" } else { part.name };
        let left = take_out(copy.path(), &kept.join(","), without);
        for path in left.iter().flat_map(|part| part.paths) {
            assert!(!copy.path().join(path).exists(), "{path}");
        }
        assert_eq!(broken_links(copy.path()), [""; 0], "{}", part.name);
    }
}

/// In the shapes that CI adopts: all kept, without moves and batches, and for the entity of the page that adds one.
#[test]
fn nothing_names_what_left() {
    for without in ["", "moves,batches", "projects,outside"] {
        let copy = copy();
        let left = take_out(copy.path(), "", without);
        let tree = Tree::of(copy.path()).unwrap();
        for part in left {
            let naming = tree.with_words(part.words);
            assert!(naming.is_empty(), "{} in {naming:#?}", part.name);
            let paths = part.paths.iter().copied();
            let paths: Vec<_> = paths.filter(|path| path.contains('/')).collect();
            let naming = tree.with_words(&paths);
            assert!(naming.is_empty(), "{} in {naming:#?}", part.name);
        }
        assert_eq!(broken_links(copy.path()), [""; 0], "without {without}");
    }
}

#[test]
fn moves_and_batches_leave_with_projects() {
    let copy = copy();
    let left = take_out(copy.path(), &own(), "projects");
    let left: Vec<_> = left.iter().map(|part| part.name).collect();
    assert_eq!(left, ["moves", "batches", "projects"]);
}

#[test]
fn no_file_has_the_old_name_but_where_it_comes_from() {
    let copy = copy();
    take_out(copy.path(), "", "outside,projects");
    let name: Name = "notes-service".parse().unwrap();
    let renamed = Tree::of(copy.path()).unwrap().rename(&name).unwrap();
    assert!(renamed > 20, "{renamed}");
    let texts = texts(copy.path()).into_iter();
    for (file, text) in texts.filter(|(file, _)| !file.ends_with("LICENSE")) {
        let text = text.replace("github.com/cosmos-functions/cosmos-functions", "");
        for old in ["cosmos-functions", "cosmos_functions"] {
            assert!(!text.contains(old), "{} has {old}", file.display());
        }
    }
    let manifest = fs::read_to_string(copy.path().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"notes-service\""));
}

#[test]
fn names_are_what_a_crate_and_a_user_agent_may_be_called() {
    for good in ["notes", "my-service", "a1", "x2-y3-z4"] {
        assert!(good.parse::<Name>().is_ok(), "{good}");
    }
    let long = "a".repeat(26);
    for bad in [
        "", "My", "1a", "a_b", "a--b", "-a", "a-", "é", "doctor", "rest", &long,
    ] {
        assert!(bad.parse::<Name>().is_err(), "{bad}");
    }
}
