//! A query by its clauses.

use super::functions::AGGREGATES;
use super::token::{Kind, Token};

/// The words of each clause, without the keywords that start it.
#[derive(Debug, Default)]
pub(super) struct Statement {
    /// `SELECT`, then `DISTINCT` and `TOP`, but not `VALUE`.
    pub(super) head: Vec<Token>,
    pub(super) is_value: bool,
    pub(super) select: Vec<Token>,
    pub(super) from: Vec<Token>,
    pub(super) filter: Vec<Token>,
    pub(super) group: Vec<Token>,
    pub(super) order: Vec<Token>,
    /// `OFFSET` and `LIMIT`, with these words.
    pub(super) window: Vec<Token>,
}

impl Statement {
    /// Returns `None` for what is no query at all: the engine says why.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let mut statement = Self::default();
        let mut rest = statement.take_head(tokens)?;
        let mut clause = Clause::Select;
        loop {
            let end = clause.end(rest);
            let words = rest.get(..end).filter(|words| !words.is_empty())?;
            *statement.clause(clause) = words.to_vec();
            let Some(keyword) = rest.get(end) else {
                return Some(statement);
            };
            clause = Clause::starting_with(keyword)?;
            let keywords = match clause {
                Clause::Window => 0,
                Clause::Group | Clause::Order => {
                    rest.get(end + 1).filter(|second| second.is("BY"))?;
                    2
                }
                _ => 1,
            };
            rest = rest.get(end + keywords..)?;
        }
    }

    fn take_head<'a>(&mut self, tokens: &'a [Token]) -> Option<&'a [Token]> {
        let mut length = usize::from(tokens.first()?.is("SELECT"));
        if length == 0 {
            return None;
        }
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(word));
        length += usize::from(is(length, "DISTINCT"));
        length += if is(length, "TOP") { 2 } else { 0 };
        self.head = tokens.get(..length)?.to_vec();
        self.is_value = is(length, "VALUE");
        tokens.get(length + usize::from(self.is_value)..)
    }

    fn clause(&mut self, clause: Clause) -> &mut Vec<Token> {
        match clause {
            Clause::Select => &mut self.select,
            Clause::From => &mut self.from,
            Clause::Where => &mut self.filter,
            Clause::Group => &mut self.group,
            Clause::Order => &mut self.order,
            Clause::Window => &mut self.window,
        }
    }

    pub(super) fn has_aggregate(&self) -> bool {
        self.select.iter().any(|token| token.is_any(&AGGREGATES))
    }

    /// Whether a row stands for several items.
    pub(super) fn is_combined(&self) -> bool {
        self.has_aggregate() || !self.group.is_empty()
    }

    pub(super) fn into_tokens(self) -> Vec<Token> {
        let mut tokens = self.head;
        if self.is_value {
            tokens.push(Token::name("VALUE"));
        }
        tokens.extend(self.select);
        let clauses = [
            (["FROM", ""], self.from),
            (["WHERE", ""], self.filter),
            (["GROUP", "BY"], self.group),
            (["ORDER", "BY"], self.order),
        ];
        for (keywords, words) in clauses {
            if words.is_empty() {
                continue;
            }
            let keywords = keywords.iter().filter(|keyword| !keyword.is_empty());
            tokens.extend(keywords.map(|keyword| Token::name(keyword)));
            tokens.extend(words);
        }
        tokens.extend(self.window);
        tokens
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clause {
    Select,
    From,
    Where,
    Group,
    Order,
    Window,
}

impl Clause {
    /// Where the words of this clause end and a later one starts.
    fn end(self, tokens: &[Token]) -> usize {
        let mut depth = 0_usize;
        let mut is_alias = false;
        let end = tokens.iter().position(|token| {
            depth += usize::from(token.opens());
            depth = depth.saturating_sub(usize::from(token.closes()));
            let starts = Self::starting_with(token).is_some_and(|next| next > self);
            // A name in quotes, as in `AS "order"`, starts nothing.
            let follows_as = std::mem::replace(&mut is_alias, token.is("AS"));
            depth == 0 && starts && !follows_as
        });
        end.unwrap_or(tokens.len())
    }

    fn starting_with(token: &Token) -> Option<Self> {
        let clauses = [
            ("FROM", Self::From),
            ("WHERE", Self::Where),
            ("GROUP", Self::Group),
            ("ORDER", Self::Order),
            ("OFFSET", Self::Window),
        ];
        let found = clauses.iter().find(|(word, _)| token.is(word));
        found.map(|(_, clause)| *clause)
    }
}

/// Splits at the commas that no bracket encloses.
pub(super) fn items(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let items = tokens.split(|token| {
        depth += usize::from(token.opens());
        depth = depth.saturating_sub(usize::from(token.closes()));
        depth == 0 && token.is_symbol(",")
    });
    items.filter(|item| !item.is_empty()).collect()
}

/// The place of the bracket that closes the one at `open`.
pub(super) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        depth += usize::from(token.opens());
        depth = depth.saturating_sub(usize::from(token.closes()));
        if depth == 0 {
            return Some(place);
        }
    }
    None
}

/// The names that FROM gives to items and their parts.
pub(super) fn names(from: &[Token]) -> Vec<&str> {
    let sources = from.split(|token| token.is("JOIN"));
    let name = |source: &'_ [Token]| -> Option<usize> {
        let is_iterator = source.get(1).is_some_and(|second| second.is("IN"));
        let last = source.len().checked_sub(1)?;
        if is_iterator || source[last].kind != Kind::Name {
            return Some(0);
        }
        Some(last)
    };
    sources
        .filter_map(|source| Some(source.get(name(source)?)?.text.as_str()))
        .collect()
}
