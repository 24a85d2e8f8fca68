//! Entries of a text: lines that belong together, as their indentation has it.

use anyhow::{Context, ensure};
use std::ops::Range;
use std::path::Path;

/// What a text is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Markdown,
    /// Sources and settings.
    Code,
}

impl Kind {
    pub(super) fn of(file: &str) -> Self {
        let extension = Path::new(file).extension();
        if extension.is_some_and(|it| it == "md") {
            Self::Markdown
        } else {
            Self::Code
        }
    }
}

/// The text without the lines that have `has`.
pub(super) fn without_rows(text: &str, has: &str) -> anyhow::Result<String> {
    let lines = text.split_inclusive('\n');
    let kept: String = lines.filter(|line| !line.contains(has)).collect();
    ensure!(kept.len() < text.len(), "no line has {has}");
    Ok(kept)
}

/// The text without the entry of the one line that has `has`: a row of a table, an item of Rust or of a list, a job,
/// a paragraph or a section, with the comments and attributes above it.
pub(super) fn without_entry(text: &str, has: &str, kind: Kind) -> anyhow::Result<String> {
    let lines: Vec<_> = text.lines().collect();
    let at = only(&lines, has)?;
    let begins_prose = |first: char| first == '*' || first.is_ascii_uppercase();
    let entry = match kind {
        Kind::Markdown if lines[at].starts_with('#') => at..section_end(&lines, at),
        Kind::Markdown if lines[at].starts_with(begins_prose) => at..paragraph_end(&lines, at),
        _ => above(&lines, at)..below(&lines, at),
    };
    Ok(without(&lines, entry))
}

/// The text without the block in brackets around the one line that has `has`.
pub(super) fn without_block(text: &str, has: &str) -> anyhow::Result<String> {
    let lines: Vec<_> = text.lines().collect();
    let at = only(&lines, has)?;
    let opens = |line: &&str| indent(line) < indent(lines[at]) && line.ends_with(['{', '[', '(']);
    let start = lines[..at].iter().rposition(opens).unwrap_or(at);
    Ok(without(&lines, above(&lines, start)..below(&lines, start)))
}

/// The text with `to` in place of `from`, which it has once.
pub(super) fn edited(text: &str, from: &str, to: &str) -> anyhow::Result<String> {
    let found = text.matches(from).count();
    ensure!(found == 1, "it has this {found} times, not once:\n{from}");
    Ok(text.replace(from, to))
}

fn only(lines: &[&str], has: &str) -> anyhow::Result<usize> {
    let found = lines.iter().filter(|line| line.contains(has)).count();
    ensure!(found == 1, "{found} lines have this, not one: {has}");
    let at = lines.iter().position(|line| line.contains(has));
    at.context("it was there")
}

fn without(lines: &[&str], entry: Range<usize>) -> String {
    let Range { start, mut end } = entry;
    let (before, after) = (&lines[..start], lines.get(end).copied());
    let mut kept: Vec<_> = before.iter().map(|line| (*line).to_owned()).collect();
    let begins = before
        .last()
        .is_none_or(|line| line.is_empty() || line.ends_with('{'));
    if begins && after == Some("") {
        end += lines[end..]
            .iter()
            .take_while(|line| line.is_empty())
            .count();
    } else if after.is_none() && before.last() == Some(&"") {
        kept.pop();
    }
    let closes = lines
        .get(end)
        .is_some_and(|line| line.trim().starts_with([']', '}']));
    if closes && kept.last().is_some_and(String::is_empty) {
        kept.pop();
    }
    // The last of a list in JSON has no comma.
    if let Some(last) = kept
        .last_mut()
        .filter(|_| closes && !lines[end - 1].ends_with(','))
    {
        last.truncate(last.trim_end_matches(',').len());
    }
    kept.extend(lines[end..].iter().map(|line| (*line).to_owned()));
    kept.iter().flat_map(|line| [line, "\n"]).collect()
}

/// The first of the comments and attributes above a line.
fn above(lines: &[&str], at: usize) -> usize {
    let is_about = |line: &&str| {
        let starts = ["//", "#[", "# "]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        starts && indent(line) == indent(lines[at]) && !line.starts_with("//!")
    };
    let about = lines[..at].iter().rev().take_while(|line| is_about(line));
    at - about.count()
}

/// After what is indented below a line, and the bracket that closes it.
fn below(lines: &[&str], at: usize) -> usize {
    let belongs = |line: &str| {
        let closes = line.trim_start().starts_with([')', ']', '}']);
        indent(line) > indent(lines[at]) || indent(line) == indent(lines[at]) && closes
    };
    let mut end = at + 1;
    while let Some(next) = lines[end..].iter().position(|line| !line.is_empty()) {
        if !belongs(lines[end + next]) {
            break;
        }
        end += next + 1;
    }
    end
}

/// Before the next heading of its level.
fn section_end(lines: &[&str], at: usize) -> usize {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let is_next = |line: &&str| (1..=level(lines[at])).contains(&level(line));
    let next = lines[at + 1..].iter().position(is_next);
    next.map_or(lines.len(), |next| at + 1 + next)
}

fn paragraph_end(lines: &[&str], at: usize) -> usize {
    let length = lines[at..].iter().position(|line| line.is_empty());
    length.map_or(lines.len(), |length| at + length)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::{Kind, edited, without_block, without_entry, without_rows};

    fn without(text: &str, has: &str, kind: Kind) -> String {
        without_entry(text, has, kind).unwrap()
    }

    #[test]
    fn an_item_leaves_with_what_is_above_and_below_it() {
        let text = "mod a;\n\n/// B.\n#[test]\nfn b(\n    c: u8,\n) {\n    c();\n\n    d();\n}\n\nfn e() {}\n";
        let left = |has| without(text, has, Kind::Code);
        assert_eq!(left("fn b"), "mod a;\n\nfn e() {}\n");
        assert_eq!(left("fn e"), text.replace("\nfn e() {}\n", ""));
        assert_eq!(left("mod a"), text.replace("mod a;\n\n", ""));
        let jobs = "jobs:\n  a:\n    b: c\n\n  d:\n    e: f\n\n  g:\n    h: i\n";
        let left = jobs.replace("  d:\n    e: f\n\n", "");
        assert_eq!(without(jobs, "  d:", Kind::Code), left);
    }

    #[test]
    fn rows_items_paragraphs_and_sections_leave_alone() {
        for (text, has, left) in [
            ("| a |\n| b |\n| c |\n", "b", "| a |\n| c |\n"),
            ("- a\n- b\n  c\n- d\n", "b", "- a\n- d\n"),
            ("a\n\n**b**\nc\n\nd\n", "b", "a\n\nd\n"),
            ("## a\n\nb\n\n### c\n\n## d\n", "## a", "## d\n"),
        ] {
            assert_eq!(without(text, has, Kind::Markdown), left);
        }
    }

    #[test]
    fn a_block_leaves_with_the_comma_that_was_for_it() {
        let text = "[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": [\n      2\n    ]\n  }\n]\n";
        let first = without_block(text, "\"a\"").unwrap();
        assert_eq!(first, "[\n  {\n    \"b\": [\n      2\n    ]\n  }\n]\n");
        let last = without_block(text, "\"b\"").unwrap();
        assert_eq!(last, "[\n  {\n    \"a\": 1\n  }\n]\n");
    }

    #[test]
    fn what_is_not_there_once_is_not_taken() {
        for text in ["a\n", "b\nb\n"] {
            assert!(without_entry(text, "b", Kind::Code).is_err());
            assert!(without_block(text, "b").is_err());
            assert!(edited(text, "b", "c").is_err());
        }
        assert!(without_rows("a\n", "b").is_err());
        assert_eq!(without_rows("a\nb\nb\n", "b").unwrap(), "a\n");
    }
}
