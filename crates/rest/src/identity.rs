//! Who is calling.

use crate::violations::{self, Violations};
use crate::{path_parameter, string_schema};
use custom_handler::uri::unescaped;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest id: a subject of OpenID Connect (255 characters) and the name of its provider.
const MAX_LENGTH: usize = 320;
/// Its characters become up to three each in the API.
const MAX_SHOWN: usize = 3 * MAX_LENGTH;
/// Characters that Cosmos DB refuses in an id, or that would be read as something else in a path.
const REFUSED: [u8; 5] = [b'/', b'\\', b'?', b'#', b'%'];
/// As [`UserId::shown`] writes ids; a path keeps some further characters as well.
const PATTERN: &str = r#"^(?!\.\.?$)(?:~[0-7][0-9A-F]|[!"$&-.0->@-\[\]-}]){1,320}$"#;
/// Begins a character that is written as two hexadecimal digits.
const ESCAPE: char = '~';

/// A stable id of a person or an app, as the identity provider says it and as it is stored: 1 to 320
/// characters of ASCII.
///
/// In the API, letters, digits, `-`, `.` and `_` stand for themselves, everything else is `~` and two hexadecimal
/// digits, so that an id can be a part of any path. See [`UserId::shown`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

string_schema!(UserId, {
    "type": "string", "minLength": 1, "maxLength": MAX_SHOWN, "pattern": PATTERN,
    "description": "The id of a user.",
    "examples": ["ada"],
});

/// As the API shows it.
impl Deserr<Violations> for UserId {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let text = String::deserialize_from_value(value, location)?;
        Self::parse_shown(&text).map_err(|detail| violations::wrong(location, detail))
    }
}

path_parameter!(UserId, "userId");

impl UserId {
    /// Returns the id as it is stored.
    ///
    /// # Errors
    /// The detail of a violation, to be read after the name of the value.
    pub fn parse(id: &str) -> Result<Self, String> {
        if id.is_empty() || id.len() > MAX_LENGTH || !id.is_ascii() {
            return Err(format!("must have 1 to {MAX_LENGTH} characters of ASCII"));
        }
        Ok(Self(id.to_owned()))
    }

    /// Reads what [`UserId::shown`] writes. Characters that need not be written so may be, and the other way
    /// round, as long as a path keeps them.
    ///
    /// # Errors
    /// The detail of a violation, to be read after the name of the value.
    pub fn parse_shown(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "must have 1 to {MAX_LENGTH} visible ASCII characters, none of `/ \\ ? # %`, or `~` and two hexadecimal digits for any other"
            )
        };
        if text == "." || text == ".." || !text.bytes().all(is_safe) {
            return Err(wrong());
        }
        Self::parse(&unescaped(text, ESCAPE, |_| true)).map_err(|_| wrong())
    }

    /// The id in the API. Different ids are different there, too, and those of Entra ID stay as they are.
    pub fn shown(&self) -> String {
        let dots = self.0 == "." || self.0 == "..";
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c) || c == '.' && !dots;
        let characters = self.0.chars().map(|character| {
            if plain(character) {
                character.to_string()
            } else {
                format!("{ESCAPE}{:02X}", u32::from(character))
            }
        });
        characters.collect()
    }

    /// The id of an item about this user. Ids that cannot be a part of one are there as in the API, behind
    /// another prefix: no two users share an item.
    pub fn item_id(&self) -> String {
        if self.0.bytes().all(is_safe) {
            format!("user:{}", self.0)
        } else {
            format!("subject:{}", self.shown())
        }
    }

    /// The id as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_safe(byte: u8) -> bool {
    byte.is_ascii_graphic() && !REFUSED.contains(&byte)
}

/// For `#[serde(with)]`: an id as the API shows it.
pub mod shown {
    use super::UserId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the id as [`UserId::shown`] does.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(id: &UserId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&id.shown())
    }

    /// Reads the id as [`UserId::parse_shown`] does.
    ///
    /// # Errors
    /// Text that is no such id; those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(json: D) -> Result<UserId, D::Error> {
        UserId::parse_shown(&String::deserialize(json)?).map_err(Error::custom)
    }
}

/// An email address, in lower case: two that differ in case alone are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Deserr)]
#[serde(transparent)]
#[deserr(error = Violations, try_from(&String) = Email::parse -> String)]
pub struct Email(String);

string_schema!(Email, {"type": "string", "format": "email", "maxLength": Self::MAX_LENGTH});

impl Email {
    /// The longest address (RFC 5321).
    const MAX_LENGTH: usize = 254;

    /// The SHA-256 of the address in hexadecimal digits, by which it can be found without being shown.
    pub fn hash(&self) -> String {
        format!("{:x}", Sha256::digest(&self.0))
    }

    /// The sign-in name of a directory, if it is an address. Those of guests (`ada_example.com#EXT#@…`) and of
    /// Microsoft accounts (`live.com#…`) are none.
    pub(crate) fn of_sign_in_name(name: &str) -> Option<Self> {
        Self::parse(name).ok().filter(|_| !name.contains('#'))
    }

    /// Returns the address. Whether mail arrives there is not known.
    ///
    /// # Errors
    /// The detail of a violation, to be read after the name of the value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('@');
        let looks_right =
            parts.is_some_and(|(name, domain)| name.split('.').all(is_atom) && is_domain(domain));
        if !looks_right || text.len() > Self::MAX_LENGTH {
            return Err(format!(
                "must be an email address of at most {} bytes",
                Self::MAX_LENGTH
            ));
        }
        Ok(Self(text.to_lowercase()))
    }
}

/// A part of the name in an address (RFC 5322, section 3.2.3), beyond ASCII as well (RFC 6531).
fn is_atom(part: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    !part.is_empty() && part.chars().all(fits)
}

fn is_domain(domain: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-';
    let is_label = |label: &str| !label.is_empty() && label.chars().all(fits);
    domain.split('.').all(is_label)
}

/// The signed-in caller of one request, as the identity provider describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The stable id.
    pub id: UserId,
    /// What to call them.
    pub name: Option<String>,
    /// The address, if the provider vouches for it.
    pub email: Option<Email>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_shown_in_characters_that_every_path_keeps() {
        for (id, shown) in [
            ("ada", "ada"),
            (
                "9f5e2b0c-0000-4000-8000-000000000000",
                "9f5e2b0c-0000-4000-8000-000000000000",
            ),
            ("a.b_c", "a.b_c"),
            ("auth0|7", "auth0~7C7"),
            ("a~2Fb", "a~7E2Fb"),
            ("a/b", "a~2Fb"),
            ("..", "~2E~2E"),
            ("a b\0", "a~20b~00"),
        ] {
            assert_eq!(UserId::parse(id).unwrap().shown(), shown);
        }
        for text in [
            "", "a b", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "\u{e4}", ".", "..", "~e4",
        ] {
            assert!(UserId::parse_shown(text).is_err(), "{text}");
        }
        for text in ["auth0|7", "auth0~7c7", "auth0~7C7"] {
            assert_eq!(UserId::parse_shown(text).unwrap().as_str(), "auth0|7");
        }
    }

    #[test]
    fn items_of_plain_ids_keep_their_ids_and_no_two_users_share_one() {
        let item = |id: &str| UserId::parse(id).unwrap().item_id();
        assert_eq!(item("google:7"), "user:google:7");
        assert_eq!(item("a~2Fb"), "user:a~2Fb");
        assert_eq!(item("a/b"), "subject:a~2Fb");
    }

    proptest! {
        #[test]
        fn every_subject_comes_back_from_what_is_shown(id in "[\\x00-\\x7f]{1,255}") {
            let id = UserId::parse(&id).unwrap();
            prop_assert_eq!(UserId::parse_shown(&id.shown()).unwrap(), id);
        }
    }

    #[test]
    fn sign_in_names_of_directories_are_no_addresses() {
        assert!(Email::of_sign_in_name("ada@contoso.example").is_some());
        for name in [
            "ada",
            "ada_example.com#EXT#@contoso.onmicrosoft.com",
            "live.com#ada@outlook.com",
        ] {
            assert!(Email::of_sign_in_name(name).is_none(), "{name}");
        }
    }

    #[test]
    fn an_email_address_is_compared_without_case() {
        assert_eq!(
            Email::parse("Ada@Example.com"),
            Email::parse("ada@example.COM")
        );
        for text in [
            "", "ada", "@b", "a@", "a@b@c", "a b@c", "(*:8@c", "a..b@c", "a@b..c", "a@b_c",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
