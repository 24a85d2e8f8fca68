//! What one request used of storage.

use azure_data_cosmos::diagnostics::DiagnosticsContext;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Request units are counted in thousandths.
const PER_UNIT: f64 = 1_000.0;

/// Counts the request charge of one HTTP request; shared by all its storage operations.
#[derive(Debug, Default)]
pub struct Usage {
    charge: AtomicU64,
    retries: AtomicU64,
    touched: AtomicBool,
    not_configured: AtomicBool,
}

impl Usage {
    /// Request units used so far, retries included; `None` when storage was not touched.
    pub fn request_charge(&self) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact up to 2^53 thousandths of a request unit"
        )]
        let units = self.charge.load(Relaxed) as f64 / PER_UNIT;
        self.touched.load(Relaxed).then_some(units)
    }

    /// The same with two decimals, as storage itself tells it. Whole numbers are faster to write than fractions.
    pub fn request_charge_text(&self) -> Option<String> {
        let hundredths = (self.charge.load(Relaxed) + 5) / 10;
        let text = || format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.touched.load(Relaxed).then(text)
    }

    /// Storage requests that were made once more.
    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Whether an answer was given without storage because there is none.
    pub fn is_degraded(&self) -> bool {
        self.not_configured.load(Relaxed)
    }

    pub(super) fn found_no_storage(&self) {
        self.not_configured.store(true, Relaxed);
    }

    pub(super) fn add_retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn add(&self, operation: &DiagnosticsContext) {
        self.touched.store(true, Relaxed);
        let units = operation.total_request_charge().value();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a charge is positive and far below 2^63 thousandths"
        )]
        self.charge
            .fetch_add((units * PER_UNIT).round() as u64, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_are_told_to_the_nearest_hundredth() {
        let told = |thousandths: u64| {
            let usage = Usage::default();
            usage.charge.store(thousandths, Relaxed);
            usage.touched.store(true, Relaxed);
            usage.request_charge_text().unwrap()
        };
        assert_eq!(told(0), "0.00");
        assert_eq!(told(1_004), "1.00");
        assert_eq!(told(1_005), "1.01");
        assert_eq!(told(12_696), "12.70");
        assert_eq!(Usage::default().request_charge_text(), None);
    }
}
