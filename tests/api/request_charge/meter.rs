//! Measures one request after the other.

use crate::app::{Answer, App};
use crate::contract;
use cosmos_emulator::{RecordedRequest, Resource};
use cosmos_functions::app;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

const METHODS: [&str; 5] = ["POST", "GET", "PUT", "PATCH", "DELETE"];

/// A request with what it did to storage.
#[derive(Debug)]
pub(crate) struct Measured {
    /// A method and a path of the route table.
    pub(crate) operation: String,
    /// What makes its cost differ from other requests of the operation.
    pub(crate) case: &'static str,
    pub(crate) requests: Vec<RecordedRequest>,
    /// Request units that storage charged.
    pub(crate) charge: f64,
    /// Request units that the answer told.
    pub(crate) told: String,
}

/// Measures requests to an app that nobody else uses.
pub(crate) struct Meter<'a> {
    pub(crate) app: &'a App,
    rows: Vec<Measured>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        Self {
            app,
            rows: Vec::new(),
        }
    }

    /// In the order of the route table.
    pub(crate) fn done(mut self) -> Vec<Measured> {
        let routes = app::routes();
        self.rows.sort_by_key(|row| {
            let (method, path) = row.operation.split_once(' ').unwrap();
            let place = routes.iter().position(|route| route.path == path);
            (place, METHODS.iter().position(|other| *other == method))
        });
        self.rows
    }

    pub(crate) async fn measure(&mut self, case: &'static str, request: RequestBuilder) -> Answer {
        let asked = request.try_clone().unwrap().build().unwrap();
        let routes = app::routes();
        let templates = routes.iter().map(|route| route.path);
        let template = contract::template(templates, asked.url().path()).unwrap();
        let emulator = &self.app.emulator;
        emulator.reset_requests();
        emulator.start_recording();
        let answer = Answer::of(request).await;
        let requests = emulator.stop_recording();
        let counts = emulator.requests().counts;
        // The SDK reads and remembers where partitions are; which request pays for that is chance.
        let of_items = counts.iter().filter(|count| is_of_items(count.resource));
        self.rows.push(Measured {
            operation: format!("{} {template}", asked.method()),
            case,
            requests,
            charge: of_items.fold(0.0, |sum, count| sum + count.request_charge),
            told: answer.header("x-ms-request-charge").to_owned(),
        });
        answer
    }

    /// Measures a request of `ada`, without a body when that is null. It must succeed.
    pub(crate) async fn ada(
        &mut self,
        case: &'static str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let request = self.app.user("ada").request(method, path);
        let request = match body {
            Value::Null => request,
            body => request.json(&body),
        };
        let answer = self.measure(case, request).await;
        assert!(answer.status.is_success(), "{case}: {answer:#?}");
        answer
    }

    pub(crate) async fn get(&mut self, case: &'static str, path: &str) -> Answer {
        self.ada(case, Method::GET, path, Value::Null).await
    }

    /// Measures a read of what the caller has already.
    pub(crate) async fn not_modified(&mut self, path: &str) {
        let known = self.app.user("ada").get(path).await;
        let request = self.app.user("ada").request(Method::GET, path);
        let request = request.header("if-none-match", known.etag());
        self.measure("not modified (304)", request)
            .await
            .expect(StatusCode::NOT_MODIFIED);
    }

    /// Measures a creation, then the same again.
    pub(crate) async fn twice(&mut self, case: &'static str, path: &str, body: Value) -> Answer {
        let request = || {
            let request = self.app.user("ada").request(Method::POST, path);
            request.header("idempotency-key", path).json(&body)
        };
        let (first, again) = (request(), request());
        let made = self.measure(case, first).await;
        assert!(made.status.is_success(), "{made:#?}");
        let replayed = self
            .measure("repeated with its `Idempotency-Key`", again)
            .await;
        assert_eq!(replayed.status, made.status);
        made
    }

    /// From now on the handler knows what `ada` may do in the workspace, for as long as it remembers that: 10 s, in which
    /// a slow machine does not measure much.
    pub(crate) async fn remember(&self, workspace: &str) {
        self.forget(workspace).await;
        let read = self.app.user("ada").get(workspace).await;
        read.expect(StatusCode::OK);
    }

    /// The handler forgets a member that it changes.
    pub(crate) async fn forget(&self, workspace: &str) {
        let member = format!("{workspace}/members/ada");
        let ada = self.app.user("ada");
        let saved = ada.put(&member, json!({"role": "owner"})).await;
        assert!(saved.status.is_success());
    }
}

fn is_of_items(resource: Resource) -> bool {
    matches!(
        resource,
        Resource::Item
            | Resource::Batch
            | Resource::Query
            | Resource::QueryPlan
            | Resource::Feed
            | Resource::ChangeFeed
    )
}
