//! Whether the indexing policy of a container serves a query.
//!
//! A range index serves equality, ranges, `STARTSWITH`, `ARRAY_CONTAINS`, `IS_NULL` and an order by one property. An
//! order by several needs a composite index of just these, in these directions or in all the opposite
//! ones. `CONTAINS` reads every value of an indexed property, but no items; `q` is worth that. Whatever
//! else a query says is taken for not served.
//!
//! <https://learn.microsoft.com/azure/cosmos-db/index-policy>

use serde_json::Value;
use std::collections::BTreeMap;

/// The SDK adds `IS_DEFINED` to what it orders over partitions.
const FUNCTIONS: [&str; 5] = [
    "STARTSWITH",
    "ARRAY_CONTAINS",
    "CONTAINS",
    "IS_DEFINED",
    "IS_NULL",
];
const OPERATORS: [&str; 9] = ["=", "<", "<=", ">", ">=", "(", ")", ",", "true"];

/// Narrows what the indexes have found, as timers pass over what has failed.
const PASSED_OVER: &str = " AND NOT ARRAY_CONTAINS(@failed, ";

/// What the indexes do not serve; nothing when they serve all of the query.
pub(crate) fn unserved(query: &str, definition: &Value) -> Vec<String> {
    let policy = &definition["indexingPolicy"];
    let (before, order) = query.split_once(" ORDER BY ").unwrap_or((query, ""));
    let (from, filter) = before.split_once(" WHERE ").unwrap_or((before, ""));
    let filter = filter.split(PASSED_OVER).next().unwrap_or_default();
    let aliases = aliases(from);
    let mut unserved = Vec::new();
    for word in words(filter) {
        match path(&word, &aliases) {
            Some(path) if is_indexed(&path, policy) => {}
            Some(path) => unserved.push(format!("{path} is not indexed")),
            None if is_known(&word) || aliases.contains_key(&word) => {}
            None => unserved.push(format!("`{word}` is not known to use an index")),
        }
    }
    unserved.extend(unserved_order(order, &aliases, policy));
    unserved
}

fn unserved_order(
    order: &str,
    aliases: &BTreeMap<String, String>,
    policy: &Value,
) -> Option<String> {
    let order: Vec<_> = order
        .split(',')
        .map(str::trim)
        .filter(|by| !by.is_empty())
        .map(|by| {
            let (property, direction) = by.split_once(' ').unwrap_or((by, "ASC"));
            let path = path(property, aliases).unwrap_or_else(|| property.to_owned());
            (path, direction == "ASC")
        })
        .collect();
    match &order[..] {
        [] => None,
        [(path, _)] if is_indexed(path, policy) => None,
        [_] => Some(format!("the order {order:?} has no index")),
        _ => (!has_composite(&order, policy))
            .then(|| format!("the order {order:?} has no composite index")),
    }
}

/// What each name in the query stands for, as a path: `c` for the item, a `JOIN`'s for array elements.
fn aliases(from: &str) -> BTreeMap<String, String> {
    let mut aliases = BTreeMap::from([("c".to_owned(), String::new())]);
    for join in from.split(" JOIN ").skip(1) {
        let (alias, array) = join.trim().split_once(" IN ").expect("JOIN … IN …");
        let array = path(array, &aliases).expect("an array of the item");
        aliases.insert(alias.to_owned(), format!("{array}/[]"));
    }
    aliases
}

/// Splits at spaces, and around what is no part of a word.
fn words(filter: &str) -> Vec<String> {
    let spaced = filter
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(',', " , ");
    spaced.split_whitespace().map(ToOwned::to_owned).collect()
}

/// `/members/[]/userId` for `member.userId`; `None` for what is no property.
fn path(word: &str, aliases: &BTreeMap<String, String>) -> Option<String> {
    let (alias, property) = word.split_once('.')?;
    let start = aliases.get(alias)?;
    Some(format!("{start}/{}", property.replace('.', "/")))
}

fn is_known(word: &str) -> bool {
    let connects = ["AND", "OR"].contains(&word);
    connects || word.starts_with('@') || OPERATORS.contains(&word) || FUNCTIONS.contains(&word)
}

/// The longest pattern that fits decides.
/// Whether the values at a path can be found without reading items.
pub(crate) fn is_indexed(path: &str, policy: &Value) -> bool {
    let longest = |list: &str| {
        let patterns = policy[list].as_array().into_iter().flatten();
        let patterns = patterns.filter_map(|pattern| pattern["path"].as_str());
        let fitting = patterns.filter(|pattern| fits(path, pattern));
        fitting.map(str::len).max()
    };
    longest("includedPaths") > longest("excludedPaths")
}

/// `?` ends a pattern of one path, `*` one of all below it.
fn fits(path: &str, pattern: &str) -> bool {
    if let Some(above) = pattern.strip_suffix('*') {
        return format!("{path}/").starts_with(above);
    }
    pattern.strip_suffix("/?") == Some(path)
}

fn has_composite(order: &[(String, bool)], policy: &Value) -> bool {
    let composites = policy["compositeIndexes"].as_array().into_iter().flatten();
    composites.into_iter().any(|composite| {
        let parts = composite.as_array().into_iter().flatten();
        let parts: Vec<_> = parts
            .map(|part| (part["path"].as_str(), part["order"] != "descending"))
            .collect();
        let is_same = |reversed: bool| {
            let order = order.iter();
            let wanted = order.map(|(path, up)| (Some(path.as_str()), *up != reversed));
            wanted.eq(parts.iter().copied())
        };
        is_same(false) || is_same(true)
    })
}

#[test]
fn a_query_without_its_index_is_noticed() {
    let definition = serde_json::json!({"indexingPolicy": {
        "includedPaths": [{"path": "/*"}],
        "excludedPaths": [{"path": "/description/?"}, {"path": "/hidden/*"}],
        "compositeIndexes": [[
            {"path": "/name", "order": "ascending"}, {"path": "/id", "order": "ascending"},
        ]],
    }});
    let served = |rest: &str| unserved(&format!("SELECT VALUE c FROM c {rest}"), &definition);
    for fine in [
        "WHERE c.docType = @docType AND (c.name > @after OR c.id > @id)",
        "WHERE CONTAINS(c.name, @q, true) ORDER BY c.name DESC, c.id DESC",
        "JOIN m IN c.members WHERE m.userId = @id ORDER BY c.id ASC",
        "WHERE STARTSWITH(c.slug, @slug) AND ARRAY_CONTAINS(c.tags, @tag)",
    ] {
        assert_eq!(served(fine), [] as [String; 0], "{fine}");
    }
    for slow in [
        "WHERE c.description = @text",
        "JOIN m IN c.hidden WHERE m.userId = @id",
        "WHERE LOWER(c.name) = @name",
        "WHERE NOT c.docType = @docType",
        "WHERE c.docType != @docType",
        "ORDER BY c.description ASC",
        "ORDER BY c.name ASC, c.id DESC",
        "ORDER BY c.id ASC, c.name ASC",
        "ORDER BY c.name ASC, c.id ASC, c.slug ASC",
        "ORDER BY c.createdAt ASC, c.id ASC",
    ] {
        assert!(!served(slow).is_empty(), "{slow}");
    }
}
