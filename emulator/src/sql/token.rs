//! Words of a query. Texts are decoded here, because the engine behind knows neither double quotes
//! nor escapes.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a function or what FROM has named.
    Name,
    /// A name behind a dot.
    Member,
    /// A string literal.
    Text,
    Number,
    Parameter,
    Symbol,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The value of a text, the spelling of everything else.
    pub(super) text: String,
    /// Whether white space goes before it.
    pub(super) gap: bool,
}

impl Token {
    pub(super) fn name(text: &str) -> Self {
        Self::new(Kind::Name, text, true)
    }

    pub(super) fn symbol(text: &str) -> Self {
        Self::new(Kind::Symbol, text, true)
    }

    fn new(kind: Kind, text: &str, gap: bool) -> Self {
        let text = text.to_owned();
        Self { kind, text, gap }
    }

    /// Whether this is that keyword or function, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Name && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    pub(super) fn opens(&self) -> bool {
        self.kind == Kind::Symbol && matches!(self.text.as_str(), "(" | "[" | "{")
    }

    pub(super) fn closes(&self) -> bool {
        self.kind == Kind::Symbol && matches!(self.text.as_str(), ")" | "]" | "}")
    }
}

const SYMBOLS: [&str; 32] = [
    ">>>", ">>", "<<", "<=", ">=", "<>", "!=", "||", "??", "(", ")", "[", "]", "{", "}", ".", ",",
    "+", "-", "*", "/", "%", "~", "^", "=", ":", "<", ">", "!", "&", "|", "?",
];

/// Errors say what is wrong and where.
pub(super) fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let mut found: Vec<Token> = Vec::new();
    let (mut rest, mut gap) = (sql, false);
    while let Some(first) = rest.chars().next() {
        let at = sql.len() - rest.len();
        if let Some(length) = blank(rest, first).map_err(|what| syntax_error(what, at))? {
            (rest, gap) = (&rest[length..], true);
            continue;
        }
        let (mut token, length) = match first {
            '\'' | '"' => text(rest, first).map_err(|what| syntax_error(what, at))?,
            _ => word(rest, first).ok_or_else(|| syntax_error("unexpected character", at))?,
        };
        if let Some(before) = found.last() {
            if token.kind == Kind::Text && before.kind == Kind::Text && !gap {
                return Err(syntax_error(r"a quote in a string is written \'", at));
            }
            if token.kind == Kind::Name && before.is_symbol(".") {
                token.kind = Kind::Member;
            }
        }
        token.gap = std::mem::take(&mut gap);
        found.push(token);
        rest = &rest[length..];
    }
    Ok(found)
}

fn syntax_error(what: &str, at: usize) -> String {
    format!("Syntax error at position {at}: {what}.")
}

/// The length of the white space or comment at the start of `rest`, if there is one.
fn blank(rest: &str, first: char) -> Result<Option<usize>, &'static str> {
    if first.is_ascii_whitespace() {
        return Ok(Some(1));
    }
    if rest.starts_with("--") {
        return Ok(Some(rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        let end = rest.find("*/").ok_or("a comment without an end")?;
        return Ok(Some(end + 2));
    }
    Ok(None)
}

fn word(rest: &str, first: char) -> Option<(Token, usize)> {
    let run = |from: usize| {
        let is_part = |next: char| next.is_ascii_alphanumeric() || next == '_';
        from + rest[from..]
            .find(|next| !is_part(next))
            .unwrap_or(rest.len() - from)
    };
    let (kind, length) = if first.is_ascii_digit() {
        (Kind::Number, number(rest))
    } else if first == '@' {
        (Kind::Parameter, run(1))
    } else if first.is_ascii_alphabetic() || first == '_' {
        (Kind::Name, run(0))
    } else {
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol))?;
        (Kind::Symbol, symbol.len())
    };
    Some((Token::new(kind, &rest[..length], false), length))
}

fn number(rest: &str) -> usize {
    let digits = |from: usize| {
        from + rest[from..]
            .find(|next: char| !next.is_ascii_digit())
            .unwrap_or(rest.len() - from)
    };
    let mut end = digits(0);
    if rest[end..].starts_with('.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        if digits(end + 1 + sign) > end + 1 + sign {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// A string literal: JSON's escapes, and that of a single quote.
fn text(rest: &str, quote: char) -> Result<(Token, usize), &'static str> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, next)) = chars.next() {
        if next == quote {
            return Ok((Token::new(Kind::Text, &value, false), at + 1));
        }
        if next != '\\' {
            value.push(next);
            continue;
        }
        let (at, escape) = chars.next().ok_or("a string without an end")?;
        value.push(match escape {
            '\'' | '"' | '\\' | '/' => escape,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (decoded, length) =
                    code_point(&rest[at + 1..]).ok_or("an invalid \\u escape")?;
                chars.nth(length - 1);
                decoded
            }
            _ => return Err("an unknown escape in a string"),
        });
    }
    Err("a string without an end")
}

/// The character of a `\u` escape, and how many bytes it takes behind `\u`.
fn code_point(rest: &str) -> Option<(char, usize)> {
    let unit = |from: usize| {
        let digits = rest.get(from..from + 4)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(0)?;
    if let Some(single) = char::from_u32(first.into()) {
        return Some((single, 4));
    }
    let second = rest
        .get(4..6)
        .filter(|escape| *escape == "\\u")
        .and(unit(6))?;
    let decoded = char::decode_utf16([first, second]).next()?.ok()?;
    Some((decoded, 10))
}

/// Writes a query as the engine reads it.
pub(super) fn render(tokens: &[Token]) -> String {
    written(tokens, |text| format!("'{}'", text.replace('\'', "''")))
}

/// Writes a query as Cosmos DB reads it.
pub(super) fn render_escaped(tokens: &[Token]) -> String {
    written(tokens, |text| {
        let text = text.replace('\\', "\\u005c").replace('\'', "\\u0027");
        format!("'{text}'")
    })
}

fn written(tokens: &[Token], literal: impl Fn(&str) -> String) -> String {
    let mut sql = String::new();
    let mut before = Kind::Symbol;
    for token in tokens {
        let would_merge = before != Kind::Symbol && token.kind != Kind::Symbol;
        if token.gap || would_merge {
            sql.push(' ');
        }
        before = token.kind;
        match token.kind {
            Kind::Text => sql.push_str(&literal(&token.text)),
            _ => sql.push_str(&token.text),
        }
    }
    sql
}

/// Writes `c["name"]` as `c.name`, which the engine also reads where it orders and groups.
pub(super) fn with_dots(tokens: Vec<Token>) -> Vec<Token> {
    let mut dotted: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(mut token) = tokens.next() {
        let before = dotted.last();
        if token.kind == Kind::Text && before.is_some_and(|before| before.is("AS")) {
            // The engine takes a text for a name everywhere but here.
            token.kind = Kind::Name;
            if !is_identifier(&token.text) {
                token.text = format!("\"{}\"", token.text);
            }
        }
        let is_end = tokens.peek().is_some_and(|next| next.is_symbol("]"));
        let is_member = token.kind == Kind::Text && is_end && is_identifier(&token.text);
        if is_member && before.is_some_and(|before| before.is_symbol("[")) {
            let of = dotted.len().checked_sub(2).map(|place| &dotted[place]);
            if of.is_some_and(ends_operand) {
                dotted.pop();
                tokens.next();
                let mut dot = Token::symbol(".");
                dot.gap = false;
                dotted.push(dot);
                token.kind = Kind::Member;
                token.gap = false;
            }
        }
        dotted.push(token);
    }
    dotted
}

/// Whether an indexer or an alias may come behind `token`.
pub(super) fn ends_operand(token: &Token) -> bool {
    match token.kind {
        Kind::Name => !token.is_any(&super::check::KEYWORDS),
        Kind::Symbol => token.closes(),
        _ => true,
    }
}

fn is_identifier(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_well
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
