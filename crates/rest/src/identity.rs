//! Who is calling.

use crate::string_schema;
use serde::{Deserialize, Serialize};

/// The longest caller id. Entra object ids have 36 characters.
const MAX_LENGTH: usize = 128;
/// Characters that Cosmos DB refuses in an id, or that would be read as something else in a path.
const REFUSED: [u8; 5] = [b'/', b'\\', b'?', b'#', b'%'];

/// A stable id of a person or an app: 1 to 128 visible ASCII characters, none of `/ \ ? # %`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

string_schema!(UserId, {
    "type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": r#"^(?!\.\.?$)[!"$&-.0->@-\[\]-~]+$"#,
    "examples": ["ada"],
});

impl UserId {
    /// Returns the id, or what is wrong with it.
    pub fn parse(id: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !REFUSED.contains(&byte);
        let is_dots = id == "." || id == "..";
        if id.is_empty() || id.len() > MAX_LENGTH || !id.bytes().all(fits) || is_dots {
            return Err(format!(
                "must have 1 to {MAX_LENGTH} visible ASCII characters, none of `/ \\ ? # %`"
            ));
        }
        Ok(Self(id.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An email address, in lower case: two that differ in case alone are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

string_schema!(Email, {"type": "string", "format": "email", "maxLength": Self::MAX_LENGTH});

impl Email {
    /// The longest address (RFC 5321).
    const MAX_LENGTH: usize = 254;

    /// Returns the address, or what is wrong with it. Whether mail arrives there is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('@');
        let looks_right = parts.is_some_and(|(name, domain)| {
            !name.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        let printable = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if !looks_right || !printable || text.len() > Self::MAX_LENGTH {
            return Err(format!(
                "must be an email address of at most {} bytes",
                Self::MAX_LENGTH
            ));
        }
        Ok(Self(text.to_lowercase()))
    }
}

/// The signed-in caller of one request, as the identity provider describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub id: UserId,
    /// What to call them.
    pub name: Option<String>,
    pub email: Option<Email>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_cosmos_or_a_path_would_misread_are_refused() {
        for id in ["ada", "auth0|7", "9f5e2b0c-0000-4000-8000-000000000000"] {
            assert_eq!(UserId::parse(id).unwrap().as_str(), id);
        }
        for id in [
            "", "a b", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "\u{e4}", ".", "..", "a\0",
        ] {
            assert!(UserId::parse(id).is_err(), "{id}");
        }
    }

    #[test]
    fn an_email_address_is_compared_without_case() {
        assert_eq!(
            Email::parse("Ada@Example.com"),
            Email::parse("ada@example.COM")
        );
        for text in ["", "ada", "@b", "a@", "a@b@c", "a b@c"] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
