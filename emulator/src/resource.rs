//! What a request is about, read from its path and headers as a Cosmos gateway reads them.

use axum::http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

/// What a request is about. `Item` is one item by its id, creation included; the other kinds that
/// reach items are named for how they do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resource {
    Account,
    Database,
    Container,
    PartitionKeyRanges,
    Item,
    Batch,
    Query,
    /// The question how a query must be split over partitions.
    QueryPlan,
    /// All items of a partition or container, without a query.
    Feed,
    ChangeFeed,
    Offer,
    Other,
}

impl Resource {
    /// `path` holds the decoded segments of the path.
    pub(crate) fn of(method: &Method, path: &[String], headers: &HeaderMap) -> Self {
        match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Self::Account,
            ["offers", ..] => Self::Offer,
            ["dbs"] | ["dbs", _] => Self::Database,
            ["dbs", _, "colls"] | ["dbs", _, "colls", _] => Self::Container,
            ["dbs", _, "colls", _, "pkranges"] => Self::PartitionKeyRanges,
            ["dbs", _, "colls", _, "docs"] => Self::of_items(method, headers),
            ["dbs", _, "colls", _, "docs", _] => Self::Item,
            _ => Self::Other,
        }
    }

    /// Whether a request costs what reading or writing items costs.
    pub(crate) fn reads_items(self) -> bool {
        matches!(
            self,
            Self::Item | Self::Batch | Self::Query | Self::Feed | Self::ChangeFeed
        )
    }

    fn of_items(method: &Method, headers: &HeaderMap) -> Self {
        let is_set = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        if *method == Method::GET {
            if headers.contains_key("a-im") {
                Self::ChangeFeed
            } else {
                Self::Feed
            }
        } else if is_set("x-ms-cosmos-is-query-plan-request") {
            Self::QueryPlan
        } else if is_set("x-ms-documentdb-isquery") || is_set("x-ms-documentdb-query") {
            Self::Query
        } else if is_set("x-ms-cosmos-is-batch-request") {
            Self::Batch
        } else {
            Self::Item
        }
    }
}
