//! What is refused: what the engine behind gets wrong, and what could end it.

use super::functions::{self, AGGREGATES};
use super::statement::{Statement, closing, items, names};
use super::token::{Kind, Token, ends_operand};

/// Names that no value has.
pub(super) const KEYWORDS: [&str; 27] = [
    "AND", "ARRAY", "AS", "ASC", "BETWEEN", "BY", "DESC", "DISTINCT", "ESCAPE", "EXISTS", "FROM",
    "GROUP", "IN", "IS", "JOIN", "LIKE", "LIMIT", "NOT", "OFFSET", "OR", "ORDER", "SELECT", "TOP",
    "UDF", "VALUE", "WHERE", "ON",
];

/// Names that are values.
const CONSTANTS: [&str; 4] = ["FALSE", "NULL", "TRUE", "UNDEFINED"];

/// Operators; the engine descends into each.
const MAX_OPERATORS: usize = 5_000;
const MAX_NESTING: usize = 32;
const MAX_JOINS: usize = 5;
/// The engine's table for a pattern is as large as the text times the pattern.
const MAX_PATTERN: usize = 256;

/// How many operators there are. Errors name what this emulator does not do.
pub(super) fn size(tokens: &[Token]) -> Result<usize, String> {
    let is_operator = |token: &Token| match token.kind {
        Kind::Symbol => !matches!(token.text.as_str(), "(" | ")" | "]" | "{" | "}" | ","),
        _ => token.is_any(&["AND", "OR", "NOT", "BETWEEN", "IN"]),
    };
    let mut depth = 0_usize;
    for token in tokens {
        depth += usize::from(token.opens());
        depth = depth.saturating_sub(usize::from(token.closes()));
        if depth > MAX_NESTING {
            return Err(format!(
                "The query nests more than {MAX_NESTING} levels deep."
            ));
        }
    }
    let operators = tokens.iter().filter(|token| is_operator(token)).count();
    if operators > MAX_OPERATORS {
        return Err(format!(
            "The query has {operators} operators; this emulator takes {MAX_OPERATORS}."
        ));
    }
    Ok(operators)
}

pub(super) fn statement(
    statement: &Statement,
    pattern: impl Fn(&Token) -> Option<String>,
) -> Result<(), String> {
    if statement.from.is_empty() {
        return Err("A query without FROM is not supported by this emulator.".to_owned());
    }
    from(statement)?;
    grouping(statement)?;
    ordering(&statement.order)?;
    let names = names(&statement.from);
    let clauses = [
        &statement.select,
        &statement.filter,
        &statement.group,
        &statement.order,
    ];
    for clause in clauses {
        subqueries_and_calls(clause)?;
        patterns(clause, &pattern)?;
        unbound(clause, &names)?;
    }
    Ok(())
}

fn from(statement: &Statement) -> Result<(), String> {
    let from = &statement.from;
    if from.iter().any(|token| token.is_symbol("(")) {
        return Err("Subqueries are not supported by this emulator.".to_owned());
    }
    let joins = from.iter().filter(|token| token.is("JOIN")).count();
    if joins > MAX_JOINS {
        return Err(format!(
            "The query has {joins} JOINs; at most {MAX_JOINS} are allowed."
        ));
    }
    if joins > 0 && is_star(&statement.select) {
        return Err("'SELECT *' is only valid with a single input set.".to_owned());
    }
    let is_path = from
        .get(1)
        .is_some_and(|second| second.is_symbol(".") || second.is_symbol("["));
    if is_path {
        return Err("FROM with a path is not supported by this emulator.".to_owned());
    }
    Ok(())
}

fn is_star(select: &[Token]) -> bool {
    matches!(select, [star] if star.is_symbol("*"))
}

fn grouping(statement: &Statement) -> Result<(), String> {
    if statement.group.is_empty() {
        return Ok(());
    }
    if !statement.order.is_empty() {
        return Err("ORDER BY is not supported together with GROUP BY.".to_owned());
    }
    let spelled = |tokens: &[Token]| super::token::render(tokens).replace(' ', "");
    let groups: Vec<String> = items(&statement.group).into_iter().map(spelled).collect();
    for item in items(&statement.select) {
        let has_aggregate = item.iter().any(|token| token.is_any(&AGGREGATES));
        let alias = item.iter().position(|token| token.is("AS"));
        let value = &item[..alias.unwrap_or(item.len())];
        let is_group = groups.contains(&spelled(value)) || {
            let unnamed = &value[..value.len().saturating_sub(1)];
            groups.contains(&spelled(unnamed))
        };
        let is_constant = !item.iter().any(|token| token.kind == Kind::Name);
        if is_star(item) || !(has_aggregate || is_group || is_constant) {
            let item = super::token::render(item);
            return Err(format!(
                "'{}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
                item.trim()
            ));
        }
    }
    Ok(())
}

fn ordering(order: &[Token]) -> Result<(), String> {
    for item in items(order) {
        let is_path = item.iter().all(|token| match token.kind {
            Kind::Symbol => matches!(token.text.as_str(), "." | "[" | "]"),
            Kind::Name => !token.is("RANK"),
            Kind::Parameter => false,
            Kind::Member | Kind::Text | Kind::Number => true,
        });
        if !is_path {
            return Err("ORDER BY an expression that is no path is not supported.".to_owned());
        }
    }
    Ok(())
}

fn subqueries_and_calls(clause: &[Token]) -> Result<(), String> {
    for (place, token) in clause.iter().enumerate() {
        if token.is("SELECT") {
            return Err("Subqueries are not supported by this emulator.".to_owned());
        }
        let is_call = clause
            .get(place + 1)
            .is_some_and(|next| next.is_symbol("("));
        if !is_call || !matches!(token.kind, Kind::Name | Kind::Member) {
            continue;
        }
        if token.is_any(&["EXISTS", "ARRAY"]) {
            return Err(format!(
                "{}() is not supported by this emulator.",
                token.text
            ));
        }
        if token.kind == Kind::Member {
            return Err(format!(
                "The user-defined function {} is not supported by this emulator.",
                token.text
            ));
        }
        if token.is_any(&KEYWORDS) {
            continue;
        }
        let end = closing(clause, place + 1).unwrap_or(clause.len());
        let arguments = items(&clause[place + 2..end]);
        functions::check(&token.text, arguments.len())?;
        let partial = arguments.get(2).and_then(|flag| flag.first());
        if token.is("ARRAY_CONTAINS") && partial.is_some_and(|flag| !flag.is("FALSE")) {
            return Err(
                "ARRAY_CONTAINS() with a partial match is not supported by this emulator."
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn patterns(clause: &[Token], text: impl Fn(&Token) -> Option<String>) -> Result<(), String> {
    let likes = clause
        .iter()
        .enumerate()
        .filter(|(_, token)| token.is("LIKE"));
    for (place, _) in likes {
        let pattern = clause.get(place + 1).and_then(&text);
        let goes_on = clause.get(place + 2).is_some_and(|next| {
            next.kind == Kind::Symbol
                && !next.closes()
                && !matches!(next.text.as_str(), "," | "?" | ":" | "??")
        });
        let Some(pattern) = pattern.filter(|_| !goes_on) else {
            return Err(
                "LIKE with a computed pattern is not supported by this emulator.".to_owned(),
            );
        };
        if pattern.contains('[') {
            return Err(
                "LIKE with a set of characters ([...]) is not supported by this emulator."
                    .to_owned(),
            );
        }
        if pattern.len() > MAX_PATTERN {
            return Err(format!(
                "A LIKE pattern may have {MAX_PATTERN} bytes in this emulator."
            ));
        }
    }
    Ok(())
}

/// Names that FROM has not given; the engine would take them for properties.
fn unbound(clause: &[Token], names: &[&str]) -> Result<(), String> {
    for (place, token) in clause.iter().enumerate() {
        let is_value =
            token.kind == Kind::Name && !token.is_any(&KEYWORDS) && !token.is_any(&CONSTANTS);
        if !is_value || names.contains(&token.text.as_str()) {
            continue;
        }
        let before = place.checked_sub(1).and_then(|before| clause.get(before));
        let after = clause.get(place + 1);
        let is_alias = before.is_some_and(|before| before.is("AS") || ends_operand(before));
        let is_call = after.is_some_and(|after| after.is_symbol("("));
        let is_key = after.is_some_and(|after| after.is_symbol(":"))
            && before.is_some_and(|before| before.is_symbol("{") || before.is_symbol(","));
        if !(is_alias || is_call || is_key) {
            return Err(format!(
                "Identifier '{}' could not be resolved.",
                token.text
            ));
        }
    }
    Ok(())
}
