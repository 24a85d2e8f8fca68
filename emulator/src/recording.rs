//! Requests to items, one by one: counts do not tell what a query says and which partition it is for.

use crate::lock::lock;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Mutex;

/// A request to items, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    pub method: String,
    pub resource: Resource,
    /// In the form of its header, such as `["a"]`. `None` when it is for more than one.
    pub partition_key: Option<String>,
    /// The text of a query or of the question for its plan.
    pub query: Option<String>,
    /// Items that one page may have.
    pub page_size: Option<i32>,
    /// Whether the body is Cosmos binary JSON, and not text.
    pub is_binary: bool,
    /// Operations of a batch.
    pub operations: usize,
}

#[derive(Deserialize)]
struct QueryBody {
    query: String,
}

impl RecordedRequest {
    /// Returns `None` for what is about no items.
    pub(crate) fn of(request: &CosmosRequest) -> Option<Self> {
        let (mut query, mut operations) = (None, 0);
        match request.resource {
            Resource::Query | Resource::QueryPlan => {
                query = request.decode().map(|body: QueryBody| body.query);
            }
            Resource::Batch => {
                let batch: Option<Vec<IgnoredAny>> = request.decode();
                operations = batch.map_or(0, |batch| batch.len());
            }
            Resource::Item | Resource::Feed | Resource::ChangeFeed => {}
            _ => return None,
        }
        Some(Self {
            method: request.method.as_str().to_owned(),
            resource: request.resource,
            partition_key: request.partition_key.clone(),
            query,
            page_size: request.page_size(),
            is_binary: request.is_binary(),
            operations,
        })
    }
}

/// Nothing is kept until somebody asks for it: requests come without end.
#[derive(Debug, Default)]
pub(crate) struct Recording(Mutex<Option<Vec<RecordedRequest>>>);

impl Recording {
    pub(crate) fn start(&self) {
        *lock(&self.0) = Some(Vec::new());
    }

    pub(crate) fn stop(&self) -> Vec<RecordedRequest> {
        lock(&self.0).take().unwrap_or_default()
    }

    pub(crate) fn add(&self, request: &CosmosRequest) {
        if let Some(recorded) = lock(&self.0).as_mut() {
            recorded.extend(RecordedRequest::of(request));
        }
    }
}
