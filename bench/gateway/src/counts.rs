//! What was asked, and how often.

use serde_json::{Map, Value};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
    Delete,
    Query,
    QueryPlan,
    Batch,
    Metadata,
    Other,
}

const NAMES: [(Kind, &str); 8] = [
    (Kind::Read, "read"),
    (Kind::Write, "write"),
    (Kind::Delete, "delete"),
    (Kind::Query, "query"),
    (Kind::QueryPlan, "queryPlan"),
    (Kind::Batch, "batch"),
    (Kind::Metadata, "metadata"),
    (Kind::Other, "other"),
];

#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; NAMES.len()]);

impl Counts {
    pub(crate) fn add(&self, kind: Kind) {
        if let Some(count) = self.0.get(kind as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Returns the counts that are not zero, and starts anew.
    pub(crate) fn take(&self) -> Value {
        let counts = NAMES.iter().zip(&self.0);
        let counts = counts.map(|((_, name), count)| (name, count.swap(0, Relaxed)));
        let counts = counts.filter(|(_, count)| *count > 0);
        let counts: Map<_, _> = counts
            .map(|(name, count)| ((*name).to_owned(), count.into()))
            .collect();
        counts.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted_under_its_name() {
        for (kind, name) in NAMES {
            let counts = Counts::default();
            counts.add(kind);
            assert_eq!(counts.take(), serde_json::json!({ name: 1 }));
            assert_eq!(counts.take(), serde_json::json!({}));
        }
    }
}
