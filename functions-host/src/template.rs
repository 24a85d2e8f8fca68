//! ASP.NET's route templates, as far as `function.json` uses them.

use anyhow::{bail, ensure};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::str::FromStr;

/// A route of a function, for example `workspaces/{workspaceId}/notes/{*rest}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{name}`
    Parameter(String),
    /// `{name?}`, at the end
    Optional(String),
    /// `{*name}`, at the end; matches nothing, too
    Rest(String),
}

/// Whether there is a path that both templates match.
pub fn overlaps(a: &Template, b: &Template) -> bool {
    segments_overlap(&a.0, &b.0)
}

fn segments_overlap(a: &[Segment], b: &[Segment]) -> bool {
    use Segment::{Literal, Optional, Rest};
    match (a, b) {
        ([Rest(_)], _) | (_, [Rest(_)]) | ([], [] | [Optional(_)]) | ([Optional(_)], []) => true,
        ([], _) | (_, []) => false,
        ([Literal(a), ..], [Literal(b), ..]) if !a.eq_ignore_ascii_case(b) => false,
        ([_, a @ ..], [_, b @ ..]) => segments_overlap(a, b),
    }
}

impl Template {
    /// The parameters of a path that matches, by name; otherwise `None`. Literals match in any case.
    pub fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parts = path.split('/').filter(|_| !path.is_empty());
        let mut parameters = Vec::new();
        for segment in &self.0 {
            let part = match parts.next() {
                Some("") => return None,
                part => part,
            };
            match (segment, part) {
                (Segment::Literal(text), Some(part)) if decode(part).eq_ignore_ascii_case(text) => {
                }
                (Segment::Parameter(name) | Segment::Optional(name), Some(part)) => {
                    parameters.push((name.clone(), decode(part)));
                }
                (Segment::Optional(_) | Segment::Rest(_), None) => {}
                (Segment::Rest(name), Some(part)) => {
                    let rest: Vec<_> = [part].into_iter().chain(parts.by_ref()).collect();
                    parameters.push((name.clone(), decode(&rest.join("/"))));
                }
                _ => return None,
            }
        }
        parts.next().is_none().then_some(parameters)
    }
}

fn decode(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

impl FromStr for Template {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let segments: Vec<_> = text
            .split('/')
            .map(segment)
            .collect::<anyhow::Result<_>>()?;
        let before_last = segments.iter().rev().skip(1);
        for segment in before_last {
            let at_the_end = matches!(segment, Segment::Optional(_) | Segment::Rest(_));
            ensure!(
                !at_the_end,
                "{text}: only the last segment may match nothing"
            );
        }
        Ok(Self(segments))
    }
}

impl TryFrom<String> for Template {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse()
    }
}

fn segment(text: &str) -> anyhow::Result<Segment> {
    let Some(name) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        ensure!(is_plain(text), "a segment this kit does not know: `{text}`");
        return Ok(Segment::Literal(text.to_owned()));
    };
    let (name, make): (_, fn(String) -> Segment) =
        match (name.strip_prefix('*'), name.strip_suffix('?')) {
            (Some(name), None) => (name, Segment::Rest),
            (None, Some(name)) => (name, Segment::Optional),
            (None, None) => (name, Segment::Parameter),
            (Some(_), Some(_)) => bail!("both * and ?: `{text}`"),
        };
    // Constraints such as `{id:int}` are not in use here.
    ensure!(is_plain(name), "a segment this kit does not know: `{text}`");
    Ok(make(name.to_owned()))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['{', '}', '*', '?', ':', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        text.parse().unwrap()
    }

    fn matches(text: &str, path: &str) -> bool {
        template(text).parameters(path).is_some()
    }

    #[test]
    fn literals_match_in_any_case() {
        assert!(matches("users/me", "Users/ME"));
        assert!(!matches("users/me", "users/you"));
        assert!(!matches("users/me", "users"));
        assert!(!matches("users/me", "users/me/too"));
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        assert!(matches("users/me", "/users/me/"));
        assert!(!matches("users/me", "users/me//"));
        assert!(!matches("users/{id}", "users//"));
    }

    #[test]
    fn an_optional_parameter_may_be_missing() {
        let workspaces = template("workspaces/{id?}");
        assert_eq!(workspaces.parameters("workspaces"), Some(vec![]));
        let found = workspaces.parameters("workspaces/a%20b");
        assert_eq!(found, Some(vec![("id".to_owned(), "a b".to_owned())]));
        assert_eq!(workspaces.parameters("workspaces/1/2"), None);
    }

    #[test]
    fn a_rest_matches_nothing_one_and_many() {
        let health = template("health/{*probe}");
        assert_eq!(health.parameters("health"), Some(vec![]));
        for (path, rest) in [
            ("health/live", "live"),
            ("health/a/b", "a/b"),
            ("health/a//b", "a//b"),
        ] {
            let found = health.parameters(path);
            assert_eq!(
                found,
                Some(vec![("probe".to_owned(), rest.to_owned())]),
                "{path}"
            );
        }
        assert_eq!(health.parameters("health//live"), None);
        assert_eq!(health.parameters("healthy"), None);
    }

    #[test]
    fn what_this_kit_does_not_know_is_refused() {
        for text in [
            "{id:int}",
            "v{version}",
            "{*rest}/more",
            "{id?}/more",
            "{}",
            "a//b",
            "{*a?}",
        ] {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
    }

    #[test]
    fn templates_overlap_when_one_path_matches_both() {
        let overlapping = [
            ("users/me", "USERS/me"),
            ("users/{id}", "users/me"),
            ("users/{id?}", "users"),
            ("users/{id?}", "users/{*rest}"),
            ("users/{*rest}", "users"),
            ("{*rest}", "users/me/friends"),
            ("{a}/{b?}", "users/{*rest}"),
            ("workspaces/{id}/notes/{*rest}", "workspaces/{*rest}"),
        ];
        for (a, b) in overlapping {
            let (a, b) = (template(a), template(b));
            assert!(overlaps(&a, &b) && overlaps(&b, &a), "{a:?} {b:?}");
        }
    }

    #[test]
    fn templates_that_share_no_path_do_not_overlap() {
        let apart = [
            ("users/me", "users/you"),
            ("users/{id}", "users"),
            ("users/{id?}", "users/{id}/friends"),
            ("users/{*rest}", "workspaces/{*rest}"),
            ("workspaces/{id?}", "workspaces/{id}/notes/{*rest}"),
            (
                "workspaces/{id}/members/{user}",
                "workspaces/{id}/notes/{*rest}",
            ),
        ];
        for (a, b) in apart {
            let (a, b) = (template(a), template(b));
            assert!(!overlaps(&a, &b) && !overlaps(&b, &a), "{a:?} {b:?}");
        }
    }
}
