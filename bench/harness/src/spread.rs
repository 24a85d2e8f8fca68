//! The middle of several rounds, and how far they are apart.

use serde_json::{Value, json};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(*values.get(middle.checked_sub(1)?)?, *values.get(middle)?)
        } else {
            *values.get(middle)?
        };
        Some(Self {
            median,
            least: *values.first()?,
            most: *values.last()?,
        })
    }

    pub(super) fn to_json(self) -> Value {
        json!({ "median": self.median, "least": self.least, "most": self.most })
    }
}

/// With as many decimals as the format asks for.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(0);
        let Self {
            median,
            least,
            most,
        } = self;
        write!(
            f,
            "{median:.decimals$} ({least:.decimals$}–{most:.decimals$})"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_round_does_not_move_the_middle() {
        let spread = Spread::of([1.1, 1.0, 9.0, 1.2, 0.9]).unwrap();
        assert_eq!(format!("{spread:.1}"), "1.1 (0.9–9.0)");
    }

    #[test]
    fn of_an_even_number_the_middle_is_between_two() {
        let spread = Spread::of([4.0, 1.0]).unwrap();
        assert_eq!(format!("{spread:.1}"), "2.5 (1.0–4.0)");
        assert_eq!(Spread::of([]), None);
    }
}
