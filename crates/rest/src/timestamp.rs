//! Points in time as the API and the container hold them.

use crate::string_schema;
use jiff::{Timestamp as Instant, Unit};
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// A UTC time with milliseconds, always written as `2026-01-02T03:04:05.678Z`.
///
/// The width never varies, so that Cosmos, which orders strings by their characters, orders times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(Instant);

string_schema!(Timestamp, {
    "type": "string", "format": "date-time", "examples": ["2026-01-02T03:04:05.678Z"],
});

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Self(instant.round(Unit::Millisecond).unwrap_or(instant))
    }
}

impl Timestamp {
    /// The time now.
    pub fn now() -> Self {
        Instant::now().into()
    }

    /// The time this long before; the earliest there is if that is out of range.
    pub fn earlier(self, by: Duration) -> Self {
        self.0.checked_sub(by).unwrap_or(Instant::MIN).into()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_order_as_their_text_does() {
        let written = |text: &str| Timestamp::from(text.parse::<Instant>().unwrap()).to_string();
        assert_eq!(written("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
        assert!(written("2026-01-02T03:04:05Z") < written("2026-01-02T03:04:05.1Z"));
        assert!(written("2026-01-02T03:04:05.09Z") < written("2026-01-02T03:04:05.1Z"));
    }
}
