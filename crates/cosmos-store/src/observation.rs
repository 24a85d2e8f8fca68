//! One storage operation as others see it: what it cost, a span, and metrics.

use super::error::StorageError;
use super::items::Items;
use crate::metrics;
use azure_data_cosmos::CosmosError;
use azure_data_cosmos::diagnostics::{DiagnosticsContext, RequestedRegionReason as Reason};
use azure_data_cosmos::error::CosmosStatus;
use azure_data_cosmos::feed::{QueryFeedPage, QueryItemIterator};
use azure_data_cosmos::models::{BatchResponse, ItemResponse};
use azure_data_cosmos::options::Region;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// Answers by which storage does its work and says no.
const EXPECTED: [u16; 4] = [304, 404, 409, 412];

/// An operation, until it is dropped: then its span ends and it is counted, whether it came to an end
/// or was given up at the request's deadline.
pub(super) struct Observation<'a> {
    items: &'a Items,
    name: &'static str,
    span: Span,
    started: Instant,
    charge: f64,
    retries: u64,
    throttles: u64,
    status: Option<CosmosStatus>,
}

impl Items {
    /// `name` is the SDK's name of the operation.
    pub(super) fn observe(&self, name: &'static str) -> Observation<'_> {
        Observation {
            items: self,
            name,
            span: self.span(name),
            started: Instant::now(),
            charge: 0.0,
            retries: 0,
            throttles: 0,
            status: None,
        }
    }

    /// Named as OpenTelemetry's conventions for Cosmos DB say:
    /// <https://opentelemetry.io/docs/specs/semconv/database/cosmosdb/>
    fn span(&self, name: &'static str) -> Span {
        let (database, container) = self.container.names();
        tracing::info_span!(
            "storage",
            otel.name = format!("{name} {container}"),
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = "azure.cosmosdb",
            db.namespace = database,
            db.collection.name = container,
            db.operation.name = name,
            db.response.status_code = Empty,
            azure.cosmosdb.response.sub_status_code = Empty,
            azure.cosmosdb.operation.request_charge = Empty,
            azure.cosmosdb.operation.contacted_regions = Empty,
            cosmos_functions.storage.retries = Empty,
            error.type = Empty,
        )
    }
}

impl Observation<'_> {
    /// Runs the operation, or a step of it, in the span.
    ///
    /// The SDK's futures have 4 KB. Boxed they stay where they are, while those of a request, which would
    /// hold several of them, are moved from layer to layer.
    pub(super) fn run<R: Charged>(
        &mut self,
        operation: impl Future<Output = Result<R, CosmosError>>,
    ) -> impl Future<Output = Result<R, StorageError>> {
        let operation = Box::pin(operation.instrument(self.span.clone()));
        async {
            match operation.await {
                Ok(response) => {
                    // What asked nothing does not tell that storage works.
                    if let Some(diagnostics) = response.diagnostics() {
                        self.add(&diagnostics);
                        self.items.container.note(None);
                    }
                    Ok(response)
                }
                Err(error) => Err(self.failed(error)),
            }
        }
    }

    fn failed(&mut self, error: CosmosError) -> StorageError {
        if let Some(diagnostics) = error.diagnostics() {
            self.add(&diagnostics);
        }
        self.status = Some(error.status());
        let error = StorageError::from(error);
        self.items.container.note(Some(&error));
        error
    }

    fn add(&mut self, diagnostics: &DiagnosticsContext) {
        self.items.usage.add(diagnostics);
        self.charge += diagnostics.total_request_charge().value();
        self.status = diagnostics.effective_status();
        // A query has a request for each page and partition: those are no retries.
        for request in diagnostics.requests().iter() {
            if is_retry(request.execution_context().into()) {
                self.retries += 1;
                self.items.usage.add_retry();
            }
            self.throttles += u64::from(request.status().is_throttled());
        }
        if !self.span.is_disabled() {
            let regions = diagnostics.regions_contacted();
            let regions: Vec<_> = regions.iter().map(Region::as_str).collect();
            let regions = regions.join(",");
            self.span
                .record("azure.cosmosdb.operation.contacted_regions", regions);
        }
    }

    fn end_span(&self, status: Option<u16>) {
        let span = &self.span;
        let sub_status = self.status.and_then(|status| status.sub_status());
        span.record("db.response.status_code", status);
        span.record(
            "azure.cosmosdb.response.sub_status_code",
            sub_status.map(|code| code.value()),
        );
        span.record("azure.cosmosdb.operation.request_charge", self.charge);
        span.record("cosmos_functions.storage.retries", self.retries);
        if status.is_none_or(|status| status >= 400 && !EXPECTED.contains(&status)) {
            let kind = status.map_or_else(|| "given-up".to_owned(), |status| status.to_string());
            span.record("error.type", kind);
            span.record("otel.status_code", "ERROR");
        }
    }
}

fn is_retry(why: Reason) -> bool {
    matches!(
        why,
        Reason::OperationRetry | Reason::TransportRetry | Reason::RegionFailover
    )
}

impl Drop for Observation<'_> {
    fn drop(&mut self) {
        let status = self.status.map(|status| u16::from(status.status_code()));
        if !self.span.is_disabled() {
            self.end_span(status);
        }
        let duration = self.started.elapsed();
        metrics::operation_finished(self.name, status, self.charge, self.throttles, duration);
    }
}

/// Answers that tell what they cost.
pub(super) trait Charged {
    /// None when nothing was asked.
    fn diagnostics(&self) -> Option<Arc<DiagnosticsContext>>;
}

impl Charged for ItemResponse {
    fn diagnostics(&self) -> Option<Arc<DiagnosticsContext>> {
        Some(Self::diagnostics(self))
    }
}

impl Charged for BatchResponse {
    fn diagnostics(&self) -> Option<Arc<DiagnosticsContext>> {
        Some(Self::diagnostics(self))
    }
}

/// A query's plan costs nothing; its pages do.
impl<T: Send + DeserializeOwned + 'static> Charged for QueryItemIterator<T> {
    fn diagnostics(&self) -> Option<Arc<DiagnosticsContext>> {
        None
    }
}

impl<T> Charged for Option<QueryFeedPage<T>> {
    fn diagnostics(&self) -> Option<Arc<DiagnosticsContext>> {
        self.as_ref().map(QueryFeedPage::diagnostics)
    }
}
