//! How often the account was asked for what, and what that was charged.

use crate::lock::lock;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What has reached the account since it started or the counts were reset. A request counts when
/// it arrives, whatever a fault then does to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    pub total: u64,
    /// Request units (RU) of all answers, also of those a fault kept from the caller.
    pub request_charge: f64,
    /// TCP connections accepted, by the whole account.
    pub connections: u64,
    pub counts: Vec<RequestCount>,
}

/// Requests that have all of these in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestCount {
    pub region: String,
    pub method: String,
    pub resource: Resource,
    pub database: Option<String>,
    pub container: Option<String>,
    pub requests: u64,
    /// Request units (RU).
    pub request_charge: f64,
}

/// Which requests to count: those that agree with every field that is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestFilter {
    pub region: Option<String>,
    pub method: Option<String>,
    pub resource: Option<Resource>,
    pub database: Option<String>,
    pub container: Option<String>,
}

impl RequestFilter {
    fn includes(&self, count: &RequestCount) -> bool {
        fn agrees<T: PartialEq>(wanted: Option<&T>, actual: Option<&T>) -> bool {
            wanted.is_none() || wanted == actual
        }
        agrees(self.region.as_ref(), Some(&count.region))
            && agrees(self.method.as_ref(), Some(&count.method))
            && agrees(self.resource.as_ref(), Some(&count.resource))
            && agrees(self.database.as_ref(), count.database.as_ref())
            && agrees(self.container.as_ref(), count.container.as_ref())
    }
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    connections: Arc<AtomicU64>,
    tallies: Mutex<BTreeMap<Key, Tally>>,
    last_authorization: Mutex<Option<String>>,
}

/// Region, method, resource, database, container.
type Key = (
    String,
    &'static str,
    Resource,
    Option<String>,
    Option<String>,
);

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    requests: u64,
    request_charge: f64,
}

impl RequestLog {
    /// The counter of accepted connections, for the listeners.
    pub(crate) fn connections(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.connections)
    }

    pub(crate) fn count(&self, request: &CosmosRequest) {
        lock(&self.tallies)
            .entry(key(request))
            .or_default()
            .requests += 1;
        *lock(&self.last_authorization) = request.authorization();
    }

    pub(crate) fn last_authorization(&self) -> Option<String> {
        lock(&self.last_authorization).clone()
    }

    pub(crate) fn charge(&self, request: &CosmosRequest, request_charge: f64) {
        lock(&self.tallies)
            .entry(key(request))
            .or_default()
            .request_charge += request_charge;
    }

    pub(crate) fn reset(&self) {
        lock(&self.tallies).clear();
        self.connections.store(0, Ordering::Relaxed);
    }

    pub(crate) fn matching(&self, filter: &RequestFilter) -> Requests {
        let counts: Vec<RequestCount> = lock(&self.tallies)
            .iter()
            .map(|(key, tally)| count(key, *tally))
            .filter(|count| filter.includes(count))
            .collect();
        Requests {
            total: counts.iter().map(|count| count.requests).sum(),
            request_charge: counts.iter().map(|count| count.request_charge).sum(),
            connections: self.connections.load(Ordering::Relaxed),
            counts,
        }
    }
}

fn key(request: &CosmosRequest) -> Key {
    (
        request.region.clone(),
        request.method.as_str(),
        request.resource,
        request.database.clone(),
        request.container.clone(),
    )
}

fn count((region, method, resource, database, container): &Key, tally: Tally) -> RequestCount {
    RequestCount {
        region: region.clone(),
        method: (*method).to_owned(),
        resource: *resource,
        database: database.clone(),
        container: container.clone(),
        requests: tally.requests,
        request_charge: tally.request_charge,
    }
}
