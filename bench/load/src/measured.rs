//! How long requests took.

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::time::Duration;

/// The longest that can be told from longer ones, in microseconds.
const LONGEST: u64 = 60_000_000;

#[derive(Debug)]
pub(crate) struct Measured {
    microseconds: Histogram<u64>,
    lasted: Duration,
}

impl Measured {
    /// Exact to three digits.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            microseconds: Histogram::new_with_bounds(1, LONGEST, 3)?,
            lasted: Duration::ZERO,
        })
    }

    pub(crate) fn record(&mut self, took: Duration) -> anyhow::Result<()> {
        let took = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
        Ok(self.microseconds.record(took.clamp(1, LONGEST))?)
    }

    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        Ok(self.microseconds.add(&other.microseconds)?)
    }

    pub(crate) fn lasted(&mut self, lasted: Duration) {
        self.lasted = lasted;
    }

    /// Times are in microseconds.
    pub(crate) fn to_json(&self) -> Value {
        let at = |quantile| self.microseconds.value_at_quantile(quantile);
        let requests = self.microseconds.len();
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 requests")]
        let per_second = requests as f64 / self.lasted.as_secs_f64().max(1e-9);
        json!({
            "requests": requests,
            "requestsPerSecond": per_second,
            "p50": at(0.5),
            "p99": at(0.99),
            "p999": at(0.999),
            "longest": self.microseconds.max(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_all_connections() {
        let mut all = Measured::new().unwrap();
        for connection in 0..10 {
            let mut one = Measured::new().unwrap();
            for request in 1..=100 {
                let took = Duration::from_micros(connection * 100 + request);
                one.record(took).unwrap();
            }
            all.add(&one).unwrap();
        }
        all.lasted(Duration::from_secs(2));
        let json = all.to_json();
        assert_eq!(json["requests"], 1_000);
        assert_eq!(json["requestsPerSecond"], 500.0);
        assert_eq!(json["p50"], 500);
        assert_eq!(json["p99"], 990);
        assert_eq!(json["longest"], 1_000);
    }
}
