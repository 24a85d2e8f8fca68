//! The readable name of a project in a URL.

use deserr::Deserr;
use rest::violations::Violations;
use rest::{path_parameter, string_schema};
use serde::{Deserialize, Serialize};

/// Longest slug, suffix included.
const MAX_LENGTH: usize = 80;
/// Room kept for `-` and a suffix.
const MAX_BASE_LENGTH: usize = MAX_LENGTH - 12;

/// 1 to 80 lowercase ASCII letters, digits and single dashes between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Deserr)]
#[serde(transparent)]
#[deserr(error = Violations, try_from(&String) = Slug::parse -> String)]
pub struct Slug(String);

path_parameter!(Slug, "slug");

string_schema!(Slug, {
    "type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "description": "The readable name of a project in a URL.",
    "examples": ["analytical-engine"],
});

impl Slug {
    /// The slug a name asks for; `project` when nothing of the name can be kept.
    pub fn from_name(name: &str) -> Self {
        let mut slug = slug::slugify(name);
        slug.truncate(MAX_BASE_LENGTH);
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "project" } else { slug }.to_owned())
    }

    /// `plan` with the suffix `2` is `plan-2`. Suffixes have at most 11 characters.
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let base = &self.0[..self.0.len().min(MAX_BASE_LENGTH)];
        Self(format!("{}-{suffix}", base.trim_end_matches('-')))
    }

    /// Returns the slug, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = text.len() <= MAX_LENGTH
            && text.split('-').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
        fits.then(|| Self(text.to_owned())).ok_or_else(|| {
            format!(
                "must have 1 to {MAX_LENGTH} characters: lowercase letters, digits, and single dashes between them"
            )
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_slugs() {
        for (name, slug) in [
            ("Launch Plan", "launch-plan"),
            ("  Über  C++ & Rust! ", "uber-c-rust"),
            ("!!!", "project"),
        ] {
            assert_eq!(Slug::from_name(name).as_str(), slug);
        }
    }

    proptest! {
        #[test]
        fn whatever_the_name_its_slug_is_valid(name in ".{0,200}", suffix in "[a-z0-9]{1,11}") {
            let slug = Slug::from_name(&name);
            prop_assert_eq!(&Slug::parse(slug.as_str()), &Ok(slug.clone()));
            let suffixed = slug.with_suffix(&suffix);
            prop_assert_eq!(&Slug::parse(suffixed.as_str()), &Ok(suffixed.clone()));
            let again = suffixed.with_suffix(&suffix);
            prop_assert_eq!(&Slug::parse(again.as_str()), &Ok(again.clone()));
        }
    }
}
