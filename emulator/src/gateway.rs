//! The Cosmos side of a port: what a request meets between the wire and the account.

use crate::account::Account;
use crate::expiry::Expiry;
use crate::fault::{DropConnection, Fault, FaultState};
use crate::faults::Faults;
use crate::listener::{Connection, Region};
use crate::recording::Recording;
use crate::request::CosmosRequest;
use crate::requests::RequestLog;
use crate::resource::Resource;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use azure_core::http::RawResponse;
use serde_json::json;
use std::sync::Arc;
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
    let Some(request) = CosmosRequest::new(&region, &parts, body) else {
        return error(
            StatusCode::METHOD_NOT_ALLOWED,
            "The requested verb is not supported",
        );
    };
    gateway.requests.count(&request);
    gateway.recording.add(&request);
    let mut lose_answer = false;
    if let Some(mut fired) = gateway.faults.fire(&request) {
        fired.wait().await;
        if let Some(status) = fired.fault.status {
            return injected(status, &fired.fault, request.activity_id);
        }
        match fired.fault.drop {
            Some(DropConnection::Before) => return connection.sever().await,
            Some(DropConnection::After) => lose_answer = true,
            None => {}
        }
    }
    // A request that has begun is carried out, even when its caller hangs up meanwhile.
    let carried_out = tokio::spawn(async move { gateway.carry_out(&request).await }).await;
    match carried_out {
        Ok(Ok((response, sub_status))) if !lose_answer => into_response(&response, sub_status),
        // Else the region is offline: its name resolves no more, so there is nobody to answer.
        _ => connection.sever().await,
    }
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

    /// Returns the answer, and the sub-status it lacks.
    async fn carry_out(
        &self,
        request: &CosmosRequest,
    ) -> anyhow::Result<(RawResponse, Option<u32>)> {
        self.expiry.delete_expired(&self.account).await;
        let response = self.account.execute(&request.wire).await?;
        let charge = response
            .headers()
            .get_optional_str(&"x-ms-request-charge".into());
        let charge = charge.and_then(|charge| charge.parse().ok());
        self.requests.charge(request, charge.unwrap_or_default());
        if response.status().is_success() {
            // Fails when the partition is split or the region goes offline in just this moment: the
            // item then stays, and the request has succeeded all the same.
            let _ = self.expiry.observe(&self.account, request).await;
        }
        let not_found = u16::from(response.status()) == 404;
        let is_orphan = not_found && !self.has_owner(request).await?;
        Ok((response, is_orphan.then_some(OWNER_NOT_FOUND)))
    }

    async fn has_owner(&self, request: &CosmosRequest) -> anyhow::Result<bool> {
        match (&request.database, &request.container) {
            (Some(database), _) if request.resource == Resource::Container => {
                self.account.database_exists(database).await
            }
            (Some(database), Some(container)) => {
                let found = self.account.read_container(database, container).await?;
                Ok(found.is_some())
            }
            _ => Ok(true),
        }
    }
}

fn into_response(response: &RawResponse, sub_status: Option<u32>) -> Response {
    let mut answer = Response::builder().status(u16::from(response.status()));
    if let Some(number) = sub_status {
        answer = answer.header("x-ms-substatus", number);
    }
    for (name, value) in response.headers().iter() {
        answer = answer.header(name.as_str(), value.as_str());
    }
    let body = Bytes::copy_from_slice(response.body());
    match answer.body(Body::from(body)) {
        Ok(answer) => answer,
        Err(invalid) => error(StatusCode::INTERNAL_SERVER_ERROR, &invalid.to_string()),
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

/// An error in the form Cosmos DB gives it.
fn error(status: StatusCode, message: &str) -> Response {
    let code = match status.as_u16() {
        413 => "RequestEntityTooLarge".to_owned(),
        449 => "RetryWith".to_owned(),
        _ => status
            .canonical_reason()
            .unwrap_or("Error")
            .replace(' ', ""),
    };
    let body = Json(json!({ "code": code, "message": message }));
    (status, [("x-ms-request-charge", "0")], body).into_response()
}
