//! Queries, before the engine sees them: said so that it answers as Cosmos DB does, or refused.

mod check;
mod functions;
mod rewrite;
mod statement;
mod token;

use self::statement::Statement;
use self::token::{Kind, Token};
use serde_json::Value;

/// Bytes of a query, as the service takes.
const MAX_LENGTH: usize = 512 * 1024;

/// A query for the engine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EngineQuery {
    pub(crate) text: String,
    /// Whether each row is an object that holds the value, or nothing if that is undefined.
    pub(crate) is_wrapped: bool,
    /// How far the engine may descend into it.
    pub(crate) operators: usize,
}

/// Errors are what Cosmos DB answers 400 with, or name what this emulator does not do.
pub(crate) fn for_engine(sql: &str, parameters: &[Value]) -> Result<EngineQuery, String> {
    if sql.len() > MAX_LENGTH {
        return Err(format!(
            "The SQL query text exceeds the maximum of {MAX_LENGTH} bytes."
        ));
    }
    let tokens = token::with_dots(token::tokens(sql)?);
    let operators = check::size(&tokens)?;
    let (tokens, is_wrapped) = match Statement::of(&tokens) {
        Some(statement) => {
            check::statement(&statement, |token| pattern(token, parameters))?;
            rewrite::statement(statement)?
        }
        None => (tokens, false),
    };
    let text = token::render(&tokens);
    Ok(EngineQuery {
        text,
        is_wrapped,
        operators,
    })
}

/// A query to make a plan of.
#[derive(Debug)]
pub(crate) struct PlannedQuery {
    /// What the client is to send, which it does in the language of Cosmos DB.
    pub(crate) text: String,
    /// Whether the engine reads texts in it as something else.
    pub(crate) is_escaped: bool,
    /// Whether its rows stand for several items.
    pub(crate) is_combined: bool,
    pub(crate) operators: usize,
}

/// Errors as [`for_engine`] does.
pub(crate) fn for_plan(sql: &str, parameters: &[Value]) -> Result<PlannedQuery, String> {
    let EngineQuery { operators, .. } = for_engine(sql, parameters)?;
    let tokens = token::with_dots(token::tokens(sql)?);
    let text = token::render_escaped(&tokens);
    let is_escaped = text != token::render(&tokens);
    let is_combined = Statement::of(&tokens).is_some_and(|statement| statement.is_combined());
    Ok(PlannedQuery {
        text,
        is_escaped,
        is_combined,
        operators,
    })
}

/// The value of what stands behind LIKE, if it is known.
fn pattern(token: &Token, parameters: &[Value]) -> Option<String> {
    match token.kind {
        Kind::Text => Some(token.text.clone()),
        Kind::Parameter => {
            let parameter = parameters
                .iter()
                .find(|parameter| parameter["name"] == token.text.as_str())?;
            Some(parameter["value"].as_str().unwrap_or_default().to_owned())
        }
        _ => None,
    }
}

/// The value of a row that is wrapped.
pub(crate) fn unwrap(mut row: Value) -> Option<Value> {
    row.as_object_mut()?.remove(rewrite::VALUE)
}
