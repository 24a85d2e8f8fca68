//! The Cosmos side of a port: what a request meets between the wire and the account.

use crate::account::Account;
use crate::answer::{Answer, PARTITION_KEY_MISMATCH, Refusal, error};
use crate::expiry::Expiry;
use crate::fault::{DropConnection, Fault, FaultState};
use crate::faults::Faults;
use crate::limits;
use crate::listener::{Connection, Region};
use crate::prepare::{Work, prepare};
use crate::recording::Recording;
use crate::request::{self, CosmosRequest};
use crate::requests::RequestLog;
use crate::resource::Resource;
use crate::snapshot::Snapshot;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The service takes 2 MB; a little more comes through so that it is the account that refuses.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The sub-status with which the service says that what should hold the resource is not there: the
/// container of an item, the database of a container.
const OWNER_NOT_FOUND: u32 = 1_003;

#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) account: Account,
    pub(crate) expiry: Expiry,
    pub(crate) faults: Faults,
    pub(crate) requests: RequestLog,
    pub(crate) recording: Recording,
}

/// Answers a request to the account, or loses its connection.
pub(crate) async fn answer(
    State(gateway): State<Arc<Gateway>>,
    Extension(region): Extension<Region>,
    Extension(connection): Extension<Connection>,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    let path = request::segments(parts.uri.path());
    let Ok(path) = gateway.account.by_names(path).await else {
        return connection.sever().await;
    };
    let Some(request) = CosmosRequest::new(&region, &parts, &path, body) else {
        return error(
            StatusCode::METHOD_NOT_ALLOWED,
            "The requested verb is not supported",
        );
    };
    gateway.requests.count(&request);
    gateway.recording.add(&request);
    let Ok(snapshot) = gateway.snapshot(&request).await else {
        return connection.sever().await;
    };
    let spared = match meet_fault(&gateway, &request, &connection).await {
        Ok(spared) => spared,
        Err(injected) => return *injected,
    };
    let snapshot = snapshot.filter(|_| spared.stale_reads);
    // A request that has begun is carried out, even when its caller hangs up meanwhile.
    let carried_out = tokio::spawn(gateway.carry_out(request, snapshot)).await;
    match carried_out {
        Ok(Ok(answer)) if !spared.lose_answer => answer.into_response(),
        Err(panicked) => error(StatusCode::INTERNAL_SERVER_ERROR, &panicked.to_string()),
        // Else the region is offline: its name resolves no more, so there is nobody to answer.
        _ => connection.sever().await,
    }
}

/// What a fault has left of a request.
#[derive(Debug, Default)]
struct Spared {
    lose_answer: bool,
    stale_reads: bool,
}

/// Errors with the answer that comes instead.
async fn meet_fault(
    gateway: &Gateway,
    request: &CosmosRequest,
    connection: &Connection,
) -> Result<Spared, Box<Response>> {
    let Some(mut fired) = gateway.faults.fire(request) else {
        return Ok(Spared::default());
    };
    fired.wait().await;
    if let Some(status) = fired.fault.status {
        let activity_id = request.activity_id.clone();
        return Err(Box::new(injected(status, &fired.fault, activity_id)));
    }
    if fired.fault.drop == Some(DropConnection::Before) {
        return connection.sever().await;
    }
    Ok(Spared {
        lose_answer: fired.fault.drop == Some(DropConnection::After),
        stale_reads: fired.fault.stale_reads,
    })
}

impl Gateway {
    /// Adds a fault, or says which of its fields is wrong.
    pub(crate) fn inject(&self, fault: Fault) -> Result<FaultState, String> {
        fault.check()?;
        let regions = self.account.region_names();
        match &fault.region {
            Some(region) if !regions.contains(region) => Err(format!(
                "region: {region} is none of {}",
                regions.join(", ")
            )),
            _ => Ok(self.faults.add(fault)),
        }
    }

    /// What a batch reads as of now, if a fault may want it.
    async fn snapshot(&self, request: &CosmosRequest) -> anyhow::Result<Option<Snapshot>> {
        if request.resource != Resource::Batch || !self.faults.need_snapshots() {
            return Ok(None);
        }
        self.account.snapshot(request).await.map(Some)
    }

    /// Errors when the region is offline.
    pub(crate) async fn carry_out(
        self: Arc<Self>,
        mut request: CosmosRequest,
        snapshot: Option<Snapshot>,
    ) -> anyhow::Result<Answer> {
        let began = Instant::now();
        self.expiry.delete_expired(&self.account).await;
        let throughput = self.account.default_throughput();
        let prepared = match prepare(&mut request, throughput) {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(refusal.into()),
        };
        let mut answer = match (&prepared.work, snapshot) {
            // Its operations come here one by one.
            (Work::Bulk, _) => return self.bulk(&request).await,
            (Work::Patch(terms), _) => self.account.patch(&mut request, terms).await?,
            (Work::BatchWithPatches, _) => self.account.patch_in_batch(&mut request).await?,
            (_, Some(snapshot)) => self.account.execute_as_of(&mut request, &snapshot).await?,
            (Work::Deep, _) => Arc::clone(&self).execute_deep(&request).await?,
            (Work::AsItIs, _) => Answer::of(&self.account.execute(&request.wire).await?),
        };
        answer.amend(prepared.amendment)?;
        answer.account_for(&request, began.elapsed());
        let charge = answer.header("x-ms-request-charge");
        let charge = charge.and_then(|charge| charge.parse().ok());
        self.requests.charge(&request, charge.unwrap_or_default());
        if (200..300).contains(&answer.status) {
            // Fails when the partition is split or the region goes offline in just this moment: the
            // item then stays, and the request has succeeded all the same.
            let _ = self.expiry.observe(&self.account, &request).await;
        }
        if answer.status == 404 {
            match self.owner(&request).await? {
                None => answer.set_header("x-ms-substatus", &OWNER_NOT_FOUND.to_string()),
                Some(owner) if request.resource == Resource::Item => {
                    let key = request.partition_key.as_deref().unwrap_or_default();
                    if !limits::is_key_of(key, &owner) {
                        let (sub_status, message) = PARTITION_KEY_MISMATCH;
                        answer = Refusal::bad_request(message).into();
                        answer.set_header("x-ms-substatus", sub_status);
                    }
                }
                Some(_) => {}
            }
        }
        Ok(answer)
    }

    /// Executes a query that the account descends into, on a stack that is large enough.
    async fn execute_deep(self: Arc<Self>, request: &CosmosRequest) -> anyhow::Result<Answer> {
        const STACK_BYTES: usize = 256 << 20;
        let (wire, runtime) = (request.wire.clone(), Handle::current());
        let (tell, told) = oneshot::channel();
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let answer = runtime.block_on(self.account.execute(&wire));
                let _ = tell.send(answer);
            })?;
        let Ok(answer) = told.await else {
            let message = "The query engine has failed.".to_owned();
            return Ok(Refusal {
                status: 500,
                message,
            }
            .into());
        };
        Ok(Answer::of(&answer?))
    }

    /// What should hold the resource, as far as it is to be found by name.
    async fn owner(&self, request: &CosmosRequest) -> anyhow::Result<Option<Value>> {
        match (&request.database, &request.container) {
            (Some(database), _) if request.resource == Resource::Container => {
                let is_there = self.account.database_exists(database).await?;
                Ok(is_there.then_some(Value::Null))
            }
            (Some(database), Some(container)) => {
                self.account.read_container(database, container).await
            }
            _ => Ok(Some(Value::Null)),
        }
    }
}

fn injected(status: u16, fault: &Fault, activity_id: Option<String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = error(status, "Injected by a fault of the emulator");
    let activity_id = activity_id.unwrap_or_else(|| Uuid::new_v4().to_string());
    let headers = [
        ("x-ms-activity-id", Some(activity_id)),
        (
            "x-ms-substatus",
            fault.sub_status.map(|number| number.to_string()),
        ),
        (
            "x-ms-retry-after-ms",
            fault.retry_after_ms.map(|ms| ms.to_string()),
        ),
    ];
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(TryInto::try_into) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
