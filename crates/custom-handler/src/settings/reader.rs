//! Reading variables, with every problem named.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Reads variables and collects what is missing or wrong, as sentences that begin with the name.
pub struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// A reader of what `lookup` returns for a variable's name.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    /// The value, unless it is empty or a `<placeholder>`.
    pub fn value(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?.trim().to_owned();
        let placeholder = value.starts_with('<') && value.ends_with('>');
        (!value.is_empty() && !placeholder).then_some(value)
    }

    /// Whether there is anything but white space, be it a value or a `<placeholder>`.
    pub fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|value| !value.trim().is_empty())
    }

    /// The values between commas; empty ones do not count.
    pub fn list(&self, name: &str) -> Vec<String> {
        let list = self.value(name).unwrap_or_default();
        let values = list.split(',').map(|one| one.trim().to_owned());
        values.filter(|one| !one.is_empty()).collect()
    }

    /// The value; a problem if it is missing.
    pub fn needed(&mut self, name: &str) -> Option<String> {
        self.value(name)
            .or_else(|| self.refuse(format!("{name} is missing")))
    }

    /// Adds the problem "`name` must be `should_be`". Returns `None`.
    pub fn must_be<T>(&mut self, name: &str, should_be: &str) -> Option<T> {
        self.refuse(format!("{name} must be {should_be}"))
    }

    /// Adds a problem: a sentence that begins with the setting's name. Returns `None`.
    pub fn refuse<T>(&mut self, problem: impl Into<String>) -> Option<T> {
        self.problems.push(problem.into());
        None
    }

    /// A number in `range`; `default` if it is not set, or is a problem.
    pub fn number<N>(&mut self, name: &str, default: N, range: RangeInclusive<N>) -> N
    where
        N: FromStr + PartialOrd + Display,
    {
        let Some(value) = self.value(name) else {
            return default;
        };
        match value.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (low, high) = (range.start(), range.end());
                let should_be =
                    format!("a whole number from {low} to {high}; {default} is used instead");
                self.must_be(name, &should_be).unwrap_or(default)
            }
        }
    }

    /// Everything that is missing or wrong.
    pub fn problems(self) -> Vec<String> {
        self.problems
    }
}
