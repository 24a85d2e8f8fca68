//! The latest requests, one by one, for the page that shows them as they come.

use crate::lock::lock;
use crate::recording::RecordedRequest;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// Requests that are remembered.
const KEPT: usize = 200;

/// A request as it arrived, and how it was answered.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecentRequest {
    /// Counts from 1, in the order of answers.
    number: u64,
    /// Milliseconds since 1970.
    at: u64,
    method: &'static str,
    resource: Resource,
    database: Option<String>,
    container: Option<String>,
    partition_key: Option<String>,
    /// The text of a query.
    query: Option<String>,
    /// The items that it names.
    ids: Vec<String>,
    status: u16,
    /// Request units (RU).
    request_charge: f64,
    milliseconds: f64,
    #[serde(skip)]
    began: Instant,
}

impl RecentRequest {
    /// Taken when it arrives: what the account gets is said differently.
    pub(crate) fn arrived(request: &CosmosRequest) -> Self {
        let recorded = RecordedRequest::of(request);
        Self {
            number: 0,
            at: milliseconds(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()),
            method: request.method.as_str(),
            resource: request.resource,
            database: request.database.clone(),
            container: request.container.clone(),
            partition_key: request.partition_key.clone(),
            query: recorded.and_then(|recorded| recorded.query),
            ids: request.items().into_iter().map(|item| item.id).collect(),
            status: 0,
            request_charge: 0.0,
            milliseconds: 0.0,
            began: Instant::now(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    answered: u64,
    latest: VecDeque<RecentRequest>,
}

impl Recent {
    /// `request_charge` is in request units (RU).
    pub(crate) fn answered(&self, request: RecentRequest, status: u16, request_charge: f64) {
        let mut log = lock(&self.0);
        log.answered += 1;
        let request = RecentRequest {
            number: log.answered,
            status,
            request_charge,
            milliseconds: request.began.elapsed().as_secs_f64() * 1000.0,
            ..request
        };
        log.latest.truncate(KEPT - 1);
        log.latest.push_front(request);
    }

    /// Those with a higher number, the newest first.
    pub(crate) fn after(&self, number: u64) -> Vec<RecentRequest> {
        let log = lock(&self.0);
        let newer = log.latest.iter();
        newer
            .take_while(|request| request.number > number)
            .cloned()
            .collect()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
