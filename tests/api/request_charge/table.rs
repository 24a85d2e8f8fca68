//! The table in the document: made, found, compared.

use super::meter::Measured;
use cosmos_emulator::{RecordedRequest, Resource};
use std::collections::BTreeMap;

pub(crate) const DOCUMENT: &str = "docs/request-charge.md";
/// Set it and the table is written instead of compared.
pub(crate) const REWRITE: &str = "REWRITE_REQUEST_CHARGE";

const BEGIN: &str = "<!-- Written by the test `request_charge`, from here to the end. -->\n\n";
const HEAD: &str = "| Operation | Case | Storage calls | RU |\n|---|---|---|--:|\n";

pub(crate) fn render(rows: &[Measured]) -> String {
    let lines = rows.iter().map(|row| {
        let calls = calls(&row.requests);
        format!(
            "| `{}` | {} | {calls} | {:.2} |\n",
            row.operation, row.case, row.charge
        )
    });
    format!("{HEAD}{}", lines.collect::<String>())
}

/// The table of the document.
pub(crate) fn find(document: &str) -> &str {
    let (_, table) = document
        .split_once(BEGIN)
        .expect("the line before the table");
    table
}

/// The document with another table.
pub(crate) fn replace(document: &str, table: &str) -> String {
    let (introduction, _) = document
        .split_once(BEGIN)
        .expect("the line before the table");
    format!("{introduction}{BEGIN}{table}")
}

/// Each row that is new, gone or not what it was.
pub(crate) fn differences(was: &str, is: &str) -> Vec<String> {
    let (before, after) = (rows(was), rows(is));
    let changed = after.iter().filter_map(|(row, cost)| {
        let was = before.get(row).copied().unwrap_or("nothing: it is no row");
        (was != *cost).then(|| format!("{row}\n  was {was}\n  is  {cost}"))
    });
    let gone = before.keys().filter(|row| !after.contains_key(*row));
    let gone = gone.map(|row| format!("{row}\n  is measured no more"));
    let mut differences: Vec<_> = changed.chain(gone).collect();
    if differences.is_empty() && was != is {
        differences.push("the rows are the same, in another form or order".to_owned());
    }
    differences
}

/// Costs by operation and case.
fn rows(table: &str) -> BTreeMap<String, &str> {
    let rows = table.lines().filter_map(|line| {
        let (operation, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        let (case, cost) = rest.split_once(" | ")?;
        Some((format!("{operation} {case}"), cost.trim_end_matches(" |")))
    });
    let mut by_name = BTreeMap::new();
    for (name, cost) in rows {
        let twice = by_name.insert(name.clone(), cost);
        assert_eq!(twice, None, "{name} has two rows");
    }
    by_name
}

/// In words, as in `2 reads, 1 query page (≤ 21)`.
fn calls(requests: &[RecordedRequest]) -> String {
    let mut counts = BTreeMap::<_, u32>::new();
    for request in requests {
        *counts.entry(kind(request)).or_default() += 1;
    }
    let words = counts.iter().map(|((_, kind, size), count)| {
        let plural = match (*count, *kind) {
            (1, _) => "",
            (_, "batch") => "es",
            _ => "s",
        };
        format!("{count} {kind}{plural}{size}")
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

/// Its place in the list, its name, and its size where that makes the cost.
fn kind(request: &RecordedRequest) -> (u8, &'static str, String) {
    let none = String::new;
    match (request.resource, request.method.as_str()) {
        (Resource::Item, "GET") => (0, "read", none()),
        (Resource::QueryPlan, _) => (1, "query plan", none()),
        (Resource::Query, _) => {
            let page = request
                .page_size
                .map_or("all".to_owned(), |n| n.to_string());
            (2, "query page", format!(" (≤ {page})"))
        }
        (Resource::Item, "POST") => (3, "create", none()),
        (Resource::Item, "PUT") => (4, "replace", none()),
        (Resource::Item, "DELETE") => (5, "delete", none()),
        (Resource::Batch, _) => (6, "batch", format!(" ({})", request.operations)),
        _ => panic!("no operation does this: {request:?}"),
    }
}
