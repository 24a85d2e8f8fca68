//! `docs/add-an-entity.md`, followed to the letter: the result builds, and what every entity promises holds for it.

use crate::copy::{Files, cargo, copy};
use std::fs;
use std::path::Path;

/// The most lines of the product that an entity takes.
const MOST_LINES: usize = 150;

/// A heading of the page with the code below it.
struct Step<'a> {
    path: &'a str,
    /// The line after which the code goes; none when the code is the file.
    after: Option<&'a str>,
    code: &'a str,
}

fn steps(page: &str) -> Vec<Step<'_>> {
    let sections = page.split("\n### `").skip(1);
    sections
        .map(|section| {
            let (heading, rest) = section.split_once('\n').unwrap();
            let (path, after) = heading.split_once('`').unwrap();
            let (_, code) = rest.split_once("\n```").unwrap();
            let (_language, code) = code.split_once('\n').unwrap();
            Step {
                path,
                after: after
                    .strip_prefix(", after `")
                    .map(|line| line.trim_end_matches('`')),
                code: code.split_once("\n```").unwrap().0,
            }
        })
        .collect()
}

fn follow(steps: &[Step<'_>], files: &mut Files) {
    for step in steps {
        let code = format!("{}\n", step.code);
        let Some(after) = step.after else {
            let there = files.insert(step.path.to_owned(), code.into_bytes());
            assert!(there.is_none(), "{} is there already", step.path);
            continue;
        };
        let file = files.get_mut(step.path).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        let line = format!("{after}\n");
        assert_eq!(text.matches(&line).count(), 1, "{}: {after}", step.path);
        *file = text.replace(&line, &format!("{line}{code}")).into_bytes();
    }
}

/// Runs these tests of the repository in `folder`.
fn test(folder: &Path, test: &str, filters: &[&str]) {
    let ran = cargo(folder)
        .args(["test", "--test", test, "--"])
        .args(filters)
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ran.status.success(), "{said}");
    assert!(!said.contains("warning: "), "{said}");
    assert!(!said.contains("running 0 tests"), "{said}");
}

#[test]
fn the_walk_adds_an_entity_that_keeps_every_promise() {
    let page = fs::read_to_string(xtask::root().join("docs/add-an-entity.md")).unwrap();
    let steps = steps(&page);
    let product = steps
        .iter()
        .filter(|step| !step.path.starts_with("tests/"))
        .flat_map(|step| step.code.lines())
        .filter(|line| !line.trim().is_empty());
    let lines = product.count();
    println!("{lines} lines");
    assert!(lines <= MOST_LINES, "{lines} lines of the product");

    let folder = copy("walk", |files| follow(&steps, files));
    test(&folder, "api", &["conformance::", "contract::", "access::"]);
    test(&folder, "host", &["architecture::", "agreement::"]);
}
