//! Ratios, and what they must be.

use super::spread::Spread;
use serde_json::Value;
use std::fmt;

/// One thing beside another, round by round.
#[derive(Debug)]
pub(super) struct Ratio {
    pub(super) what: String,
    pub(super) value: Spread,
    pub(super) bound: Option<Bound>,
}

/// What a ratio must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "at least {least:.2}"),
            Self::AtMost(most) => write!(f, "at most {most:.3}"),
        }
    }
}

impl Ratio {
    /// `None` when one of them was not measured.
    pub(super) fn of(
        what: String,
        of: Vec<f64>,
        to: Vec<f64>,
        bound: Option<Bound>,
    ) -> Option<Self> {
        let value = Spread::of(of.into_iter().zip(to).map(|(of, to)| of / to))?;
        Some(Self { what, value, bound })
    }

    /// Under conditions that it is named with.
    pub(super) fn when(self, conditions: &str) -> Self {
        let what = format!("{} ({})", self.what, conditions.to_lowercase());
        Self { what, ..self }
    }

    /// What is wrong with it, if anything is.
    pub(super) fn failure(&self) -> Option<String> {
        let bound = self.bound?;
        let value = self.value.median;
        (!bound.holds(value)).then(|| format!("{}: {value:.2}, must be {bound}", self.what))
    }

    pub(super) fn to_json(&self) -> Value {
        let mut json = self.value.to_json();
        json["what"] = self.what.as_str().into();
        json["bound"] = self.bound.map(|bound| bound.to_string()).into();
        json["holds"] = self.bound.map(|_| self.failure().is_none()).into();
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_round_by_round() {
        let (of, to) = (vec![90.0, 45.0, 9.0], vec![100.0, 50.0, 10.0]);
        let bound = Some(Bound::AtLeast(0.95));
        let ratio = Ratio::of("a : b".to_owned(), of, to, bound).unwrap();
        assert_eq!(format!("{:.2}", ratio.value), "0.90 (0.90–0.90)");
        let failure = ratio.failure().unwrap();
        assert_eq!(failure, "a : b: 0.90, must be at least 0.95");
    }

    #[test]
    fn what_was_not_measured_has_no_ratio() {
        assert!(Ratio::of(String::new(), vec![1.0], Vec::new(), None).is_none());
    }
}
