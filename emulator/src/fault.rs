//! A fault: what makes chosen requests fail, wait or lose their connection.

use crate::request::CosmosRequest;
use crate::resource::Resource;
use serde::{Deserialize, Serialize};

/// A rule: which requests it is for, and what happens to them. A request that agrees with every
/// field given of the first group meets it; of several rules, the first that still fires.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// In capital letters.
    pub method: Option<String>,
    pub resource: Option<Resource>,
    pub database: Option<String>,
    pub container: Option<String>,
    /// The exact id of an item in the path, in the body of a creation or anywhere in a batch.
    pub item_id: Option<String>,
    pub region: Option<String>,

    /// Requests to let pass before the first that is affected.
    pub skip: u32,
    /// Requests to affect; `None` is all from then on.
    pub times: Option<u32>,

    /// Answers with this error status, 400 to 599, in the form of Cosmos errors.
    pub status: Option<u16>,
    pub sub_status: Option<u32>,
    pub retry_after_ms: Option<u64>,
    /// Waits before anything else happens.
    pub delay_ms: Option<u64>,
    /// Closes the connection without an answer.
    pub drop: Option<DropConnection>,
    /// Keeps the request waiting, before everything else, until the rule is removed.
    pub hold: bool,
    /// Lets a batch, once the rule no longer holds it, read what was there when it was stopped. Its writes
    /// meet what has been written since: that is the snapshot isolation which Cosmos DB documents.
    pub stale_reads: bool,
}

/// When a connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DropConnection {
    /// Nothing has happened.
    Before,
    /// The request was carried out; only its answer is lost.
    After,
}

/// Names a rule for as long as its account lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

/// A rule and how often it has fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultState {
    pub id: FaultId,
    #[serde(flatten)]
    pub fault: Fault,
    pub fired: u32,
}

impl Fault {
    /// Says which field is wrong, and how.
    pub(crate) fn check(&self) -> Result<(), String> {
        const METHODS: [&str; 6] = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];
        let method = self.method.as_deref();
        if let Some(method) = method.filter(|method| !METHODS.contains(method)) {
            return Err(format!(
                "method: {method} is none of {}",
                METHODS.join(", ")
            ));
        }
        if let Some(status) = self.status.filter(|status| !(400..600).contains(status)) {
            return Err(format!("status: {status} is no error status (400 to 599)"));
        }
        if self.status.is_none() && self.sub_status.is_some() {
            return Err("subStatus: needs a status".to_owned());
        }
        if self.status.is_none() && self.retry_after_ms.is_some() {
            return Err("retryAfterMs: needs a status".to_owned());
        }
        if self.status.is_some() && self.drop.is_some() {
            return Err("drop: a lost connection cannot have a status".to_owned());
        }
        if self.stale_reads && !(self.hold && self.resource == Some(Resource::Batch)) {
            return Err("staleReads: needs the resource batch and hold".to_owned());
        }
        if self.times == Some(0) {
            return Err("times: must be at least 1, or absent for ever".to_owned());
        }
        if self.status.is_none() && self.drop.is_none() && self.delay_ms.is_none() && !self.hold {
            return Err("status, delayMs, drop or hold: one is needed".to_owned());
        }
        Ok(())
    }

    pub(crate) fn meets(&self, request: &CosmosRequest) -> bool {
        let agrees = |wanted: &Option<String>, actual: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == actual
        };
        agrees(&self.method, Some(request.method.as_str()))
            && self
                .resource
                .is_none_or(|resource| resource == request.resource)
            && agrees(&self.database, request.database.as_deref())
            && agrees(&self.container, request.container.as_deref())
            && agrees(&self.region, Some(&request.region))
            && self
                .item_id
                .as_ref()
                .is_none_or(|id| request.items().iter().any(|item| item.id == *id))
    }
}
