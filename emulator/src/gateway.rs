//! The Cosmos side of a port: what a request meets between the wire and the account.

use crate::account::Account;
use crate::answer::{Answer, Refusal, error};
use crate::expiry::Expiry;
use crate::fault::{DropConnection, Fault, FaultState};
use crate::faults::Faults;
use crate::kept::Data;
use crate::listener::{Connection, Region};
use crate::prepare::{Work, prepare};
use crate::recent::{Recent, RecentRequest};
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
use azure_core::http::Method;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{RwLock, oneshot, watch};
use uuid::Uuid;

/// The service takes 2 MB; a little more comes through so that it is the account that refuses.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) account: Account,
    pub(crate) expiry: Expiry,
    pub(crate) faults: Faults,
    pub(crate) requests: RequestLog,
    pub(crate) recording: Recording,
    pub(crate) recent: Recent,
    /// How many requests have changed something.
    pub(crate) changes: watch::Sender<u64>,
    /// Held for reading by requests that are carried out, so that what is kept has each of them whole.
    pub(crate) keeping: RwLock<()>,
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
    let arrived = RecentRequest::arrived(&request);
    gateway.requests.count(&request);
    gateway.recording.add(&request);
    let Ok(snapshot) = gateway.snapshot(&request).await else {
        return connection.sever().await;
    };
    let spared = match meet_fault(&gateway, &request, &connection).await {
        Ok(spared) => spared,
        Err(injected) => {
            let status = injected.status().as_u16();
            gateway.recent.answered(arrived, status, 0.0);
            return *injected;
        }
    };
    let snapshot = snapshot.filter(|_| spared.stale_reads);
    // A request that has begun is carried out, even when its caller hangs up meanwhile.
    let carried_out = tokio::spawn(gateway.carry_out(request, snapshot, arrived)).await;
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
    pub(crate) fn new(account: Account) -> Self {
        Self {
            account,
            expiry: Expiry::default(),
            faults: Faults::default(),
            requests: RequestLog::default(),
            recording: Recording::default(),
            recent: Recent::default(),
            changes: watch::Sender::default(),
            keeping: RwLock::default(),
        }
    }

    /// Writes all data to a folder.
    pub(crate) async fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        let _alone = self.keeping.write().await;
        self.expiry.delete_expired(&self.account).await;
        Data::of(&self.account).await?.write(folder)
    }

    /// Keeps the data after each change, or after the last one of many. Never returns.
    pub(crate) async fn keep_up(&self, folder: &Path) {
        /// Changes that come within it are kept together.
        const PAUSE: Duration = Duration::from_millis(500);
        let mut changes = self.changes.subscribe();
        while changes.changed().await.is_ok() {
            tokio::time::sleep(PAUSE).await;
            changes.mark_unchanged();
            if let Err(error) = self.keep(folder).await {
                eprintln!("the data is not kept: {error:#}");
            }
        }
    }

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
        arrived: RecentRequest,
    ) -> anyhow::Result<Answer> {
        let not_while_keeping = self.keeping.read().await;
        let began = Instant::now();
        self.expiry.delete_expired(&self.account).await;
        let throughput = self.account.default_throughput();
        let prepared = match prepare(&mut request, throughput) {
            Ok(prepared) => prepared,
            Err(refusal) => {
                self.recent.answered(arrived, refusal.status, 0.0);
                return Ok(refusal.into());
            }
        };
        let mut answer = match (&prepared.work, snapshot) {
            // Its operations come here one by one.
            (Work::Bulk, _) => {
                drop(not_while_keeping);
                return self.bulk(&request).await;
            }
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
        let charge = charge.unwrap_or_default();
        self.requests.charge(&request, charge);
        self.follow_up(&request, &mut answer).await?;
        self.recent.answered(arrived, answer.status, charge);
        Ok(answer)
    }

    async fn follow_up(&self, request: &CosmosRequest, answer: &mut Answer) -> anyhow::Result<()> {
        if (200..300).contains(&answer.status) {
            // Fails when the partition is split or the region goes offline in just this moment: the
            // item then stays, and the request has succeeded all the same.
            let _ = self.expiry.observe(&self.account, request).await;
            if request.method != Method::Get {
                self.changes.send_modify(|changes| *changes += 1);
            }
        }
        if answer.status == 404 {
            self.explain_absence(request, answer).await?;
        }
        Ok(())
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
