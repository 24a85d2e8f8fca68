//! Text with a length, counted in characters (Unicode scalar values).

use crate::violations::{self, Violations};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Text of `MIN` to `MAX` characters. With a `MIN` above 0 it is a name: without control characters, and
/// with something to see.
///
/// It is kept in Unicode's normal form C, so that what looks the same is the same.
///
/// Only what callers send is checked: stored text is taken as it is, so that a lowered limit never
/// makes an item unreadable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// What something is called.
pub type Name = Text<1, 200>;
/// Text about something; it may be empty.
pub type Description = Text<0, 2_000>;
/// A word that something is found by.
pub type Tag = Text<1, 50>;

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Returns the text in normal form C.
    ///
    /// # Errors
    /// The detail of a violation, to be read after the name of the value.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text: String = text.into().nfc().collect();
        let length = text.chars().count();
        if length < MIN || length > MAX {
            return Err(format!("must have {MIN} to {MAX} characters, not {length}"));
        }
        if MIN > 0 && text.chars().any(char::is_control) {
            return Err("must not have control characters".to_owned());
        }
        if MIN > 0 && !text.chars().any(is_visible) {
            return Err("must have a character that can be seen".to_owned());
        }
        Ok(Self(text))
    }

    /// As [`Text::new`], with only as many characters as fit.
    ///
    /// # Errors
    /// As [`Text::new`].
    pub fn cut(text: &str) -> Result<Self, String> {
        Self::new(text.nfc().take(MAX).collect::<String>())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// White space cannot be seen, and neither can what Unicode has to join, order and hide text.
fn is_visible(character: char) -> bool {
    let hidden = matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !hidden && !character.is_whitespace()
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({"type": "string", "minLength": MIN, "maxLength": MAX});
        if MIN > 0 {
            schema.insert("pattern".to_owned(), NAME_PATTERN.into());
        }
        let example = if MIN > 0 {
            "Analytical Engine"
        } else {
            "Designed in 1837"
        };
        schema.insert("examples".to_owned(), [example].as_slice().into());
        schema
    }
}

/// As [`Text::new`] checks names: no control characters, and one that can be seen.
pub const NAME_PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff][^\u0000-\u001f\u007f-\u009f]*$";

impl<const MIN: usize, const MAX: usize> Deserr<Violations> for Text<MIN, MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        let text = String::deserialize_from_value(value, location)?;
        Self::new(text).map_err(|detail| violations::wrong(location, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        assert!(Text::<1, 3>::new("äöü").is_ok());
        assert_eq!(
            Text::<1, 3>::new("äöüß").unwrap_err(),
            "must have 1 to 3 characters, not 4"
        );
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(Name::new("Cafe\u{301}"), Name::new("Caf\u{e9}"));
        assert_eq!(
            Name::cut(&"e\u{301}".repeat(300)).unwrap().as_str(),
            "\u{e9}".repeat(200)
        );
    }

    #[test]
    fn what_cannot_be_seen_is_no_name() {
        for text in [" ", "\u{200b}\u{2060}", "a\nb", "\0", "\u{a0}"] {
            assert!(Text::<1, 3>::new(text).is_err(), "{text:?}");
        }
        assert!(Text::<0, 3>::new(" ").is_ok());
    }
}
