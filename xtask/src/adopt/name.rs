//! The name of a service.

use anyhow::ensure;
use std::fmt;
use std::str::FromStr;

/// The suffix of a user agent, which is the shortest place for it, takes no more.
const LONGEST: usize = 25;

/// Lower-case letters, digits and hyphens: what a crate, an azd project and a user agent may all be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// As Rust writes the crate.
    pub(super) fn of_crate(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for Name {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let is_plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let words = name.split('-');
        let mut words = words.map(|word| !word.is_empty() && word.bytes().all(is_plain));
        let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
        ensure!(
            begins && words.all(|is_word| is_word) && name.len() <= LONGEST,
            "a name is made of lower-case letters, digits and single hyphens, begins with a letter, and has at most \
             {LONGEST} characters"
        );
        ensure!(
            !["core", "doctor", "handler", "rest", "std", "test", "xtask"].contains(&name),
            "{name} is the name of something else here"
        );
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
