//! Forms that the engine behind gets wrong, said in such a way that it gets them right.

use super::statement::{Statement, closing};
use super::token::{Kind, Token};

/// The property that holds a value which could be undefined.
pub(super) const VALUE: &str = "v";

const MAX_TOKENS: usize = 500_000;

/// Whether each row of the answer is now an object with the value under [`VALUE`], or without it.
pub(super) fn statement(mut statement: Statement) -> Result<(Vec<Token>, bool), String> {
    let has_aggregate = statement.has_aggregate();
    if has_aggregate {
        statement.select = numbers_only(&statement.select);
    }
    let is_wrapped = statement.is_value && has_aggregate;
    if is_wrapped {
        statement.is_value = false;
        statement
            .select
            .extend([Token::name("AS"), Token::name(VALUE)]);
    } else if statement.is_value && may_be_undefined(&statement.select) {
        only_defined(&mut statement);
    }
    for clause in [
        &mut statement.select,
        &mut statement.filter,
        &mut statement.group,
    ] {
        *clause = strict_comparisons(std::mem::take(clause))?;
    }
    Ok((statement.into_tokens(), is_wrapped))
}

/// The engine gives `null` for what is undefined, and the service no row.
fn only_defined(statement: &mut Statement) {
    let mut filter = Vec::new();
    if !statement.filter.is_empty() {
        filter = enclosed(std::mem::take(&mut statement.filter));
        filter.push(Token::name("AND"));
    }
    filter.push(Token::name("IS_DEFINED"));
    filter.extend(enclosed(statement.select.clone()));
    statement.filter = filter;
}

fn may_be_undefined(select: &[Token]) -> bool {
    match select {
        [single] => single.kind == Kind::Parameter || single.is("UNDEFINED"),
        [first, ..] => !(first.is_symbol("{") && closing(select, 0) == Some(select.len() - 1)),
        [] => false,
    }
}

/// The service's SUM and AVG are undefined when a value is no number; the engine leaves it out.
fn numbers_only(select: &[Token]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(token) = select.get(at) {
        let is_call = select.get(at + 1).is_some_and(|next| next.is_symbol("("));
        let end = closing(select, at + 1).filter(|_| is_call);
        if let Some(end) = end.filter(|_| token.is("SUM") || token.is("AVG")) {
            let argument = select[at + 2..end].to_vec();
            let call = |name: &str, argument: Vec<Token>| {
                let mut call = vec![Token::name(name)];
                call.extend(enclosed(argument));
                call
            };
            let mut is_number = call("IS_NUMBER", argument.clone());
            is_number.extend([
                Token::symbol("?"),
                number("1"),
                Token::symbol(":"),
                number("0"),
            ]);
            let mut checked = call("COUNT", argument);
            checked.push(Token::symbol("="));
            checked.extend(call("SUM", is_number));
            checked.push(Token::symbol("?"));
            checked.extend_from_slice(&select[at..=end]);
            checked.extend([Token::symbol(":"), Token::name("undefined")]);
            out.extend(enclosed(checked));
            at = end + 1;
        } else {
            out.push(token.clone());
            at += 1;
        }
    }
    out
}

/// BETWEEN and IN are false in the engine, and undefined in the service, for what cannot be compared;
/// negated, that is the difference between a row and none.
fn strict_comparisons(mut tokens: Vec<Token>) -> Result<Vec<Token>, String> {
    let mut from = 0;
    while let Some(place) =
        (from..tokens.len()).find(|place| tokens[*place].is_any(&["BETWEEN", "IN"]))
    {
        from = place + 1;
        let is_negated = place > 0 && tokens[place - 1].is("NOT");
        let end_of_operand = place - usize::from(is_negated);
        let start = operand_start(&tokens, end_of_operand);
        let operand = tokens[start..end_of_operand].to_vec();
        let strict = if tokens[place].is("IN") {
            strict_in(&tokens, start, place, &operand)
        } else {
            strict_between(&tokens, place, &operand, is_negated)
        };
        if let Some((strict, end)) = strict.filter(|_| !operand.is_empty()) {
            from = start + strict.len();
            tokens.splice(start..end, strict);
        }
        // Each operand is there twice now, and so is what is nested in it.
        if tokens.len() > MAX_TOKENS {
            return Err("The query nests too many BETWEEN and IN for this emulator.".to_owned());
        }
    }
    Ok(tokens)
}

/// `(IS_DEFINED(x) ? x IN (…) : undefined)`.
fn strict_in(
    tokens: &[Token],
    start: usize,
    place: usize,
    operand: &[Token],
) -> Option<(Vec<Token>, usize)> {
    let end = closing(tokens, place + 1)? + 1;
    let mut strict = vec![Token::name("IS_DEFINED")];
    strict.extend(enclosed(operand.to_vec()));
    strict.push(Token::symbol("?"));
    strict.extend_from_slice(&tokens[start..end]);
    strict.extend([Token::symbol(":"), Token::name("undefined")]);
    Some((enclosed(strict), end))
}

/// `(x >= low AND x <= high)`.
fn strict_between(
    tokens: &[Token],
    place: usize,
    operand: &[Token],
    is_negated: bool,
) -> Option<(Vec<Token>, usize)> {
    let and = operand_end(tokens, place + 1);
    if !tokens.get(and)?.is("AND") {
        return None;
    }
    let end = operand_end(tokens, and + 1);
    let mut strict = operand.to_vec();
    strict.push(Token::symbol(">="));
    strict.extend_from_slice(&tokens[place + 1..and]);
    strict.push(Token::name("AND"));
    strict.extend_from_slice(operand);
    strict.push(Token::symbol("<="));
    strict.extend_from_slice(&tokens[and + 1..end]);
    let mut strict = enclosed(strict);
    if is_negated {
        strict.insert(0, Token::name("NOT"));
        strict = enclosed(strict);
    }
    Some((strict, end))
}

/// Words that end the operand of a comparison.
fn is_boundary(token: &Token) -> bool {
    match token.kind {
        Kind::Name => token.is_any(&[
            "AND", "OR", "NOT", "AS", "ASC", "DESC", "ESCAPE", "SELECT", "VALUE",
        ]),
        Kind::Symbol => matches!(token.text.as_str(), "," | "?" | ":" | "??"),
        _ => false,
    }
}

fn operand_start(tokens: &[Token], end: usize) -> usize {
    let mut depth = 0_usize;
    let mut start = end;
    while start > 0 {
        let token = &tokens[start - 1];
        if depth == 0 && (token.opens() || is_boundary(token)) {
            break;
        }
        depth += usize::from(token.closes());
        depth = depth.saturating_sub(usize::from(token.opens()));
        start -= 1;
    }
    start
}

fn operand_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut end = start;
    while let Some(token) = tokens.get(end) {
        if depth == 0 && (token.closes() || is_boundary(token)) {
            break;
        }
        depth += usize::from(token.opens());
        depth = depth.saturating_sub(usize::from(token.closes()));
        end += 1;
    }
    end
}

fn enclosed(mut tokens: Vec<Token>) -> Vec<Token> {
    tokens.insert(0, Token::symbol("("));
    tokens.push(Token::symbol(")"));
    tokens
}

fn number(digits: &str) -> Token {
    let mut number = Token::symbol(digits);
    number.kind = Kind::Number;
    number
}
