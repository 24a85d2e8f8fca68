//! A handler of its own for each test, on an emulator of its own.

mod answer;
mod handler;

pub(crate) use answer::Answer;
use cosmos_emulator::Emulator;
pub(crate) use handler::Handler;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The client of all tests. It reads no trust store, which takes longer than most tests, and keeps no connection, because
/// each test has a runtime of its own.
static HTTP: LazyLock<Client> = LazyLock::new(|| {
    custom_handler::tls::install();
    let client = Client::builder().tls_certs_only([]);
    client.pool_max_idle_per_host(0).build().unwrap()
});

/// A request of a test.
pub(crate) fn request(method: Method, url: String) -> RequestBuilder {
    HTTP.request(method, url)
}

/// A handler with its emulator.
pub(crate) struct App {
    pub(crate) handler: Handler,
    pub(crate) emulator: Emulator,
}

/// One user's view of the API.
pub(crate) struct User<'a> {
    handler: &'a Handler,
    id: &'a str,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::on(Emulator::start().await.unwrap(), &[])
    }

    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        Self::on(Emulator::start().await.unwrap(), more)
    }

    pub(crate) fn on(emulator: Emulator, more: &[(&str, &str)]) -> Self {
        let url = emulator.url();
        let mut settings = settings(&url);
        settings.extend(more);
        Self {
            handler: Handler::start(&settings),
            emulator,
        }
    }

    pub(crate) fn user<'a>(&'a self, id: &'a str) -> User<'a> {
        self.handler.user(id)
    }

    /// Runs a timer function now, as the host does. Returns what it logs.
    pub(crate) async fn run_timer(&self, path: &str) -> String {
        let run = self.handler.timer(path);
        let ran = Answer::of(run).await.expect(StatusCode::OK);
        ran.json["Logs"][0].as_str().unwrap().to_owned()
    }

    /// The items of a partition, as they are stored.
    pub(crate) async fn items(&self, partition: &str) -> Vec<Value> {
        let all = json!({"query": "SELECT * FROM c", "parameters": []});
        let request = self.documents(Method::POST, partition);
        let request = request.header("x-ms-documentdb-isquery", "true").json(&all);
        let found: Value = request.send().await.unwrap().json().await.unwrap();
        found["Documents"].as_array().unwrap().clone()
    }

    /// Writes an item as it is.
    pub(crate) async fn store(&self, item: &Value) {
        let request = self.documents(Method::POST, item["partitionKey"].as_str().unwrap());
        let request = request
            .header("x-ms-documentdb-is-upsert", "true")
            .json(item);
        request.send().await.unwrap().error_for_status().unwrap();
    }

    /// Runs operations of a transactional batch as they are.
    pub(crate) async fn batch(&self, partition: &str, operations: Vec<Value>) {
        let request = self.documents(Method::POST, partition);
        let request = request.header("x-ms-cosmos-is-batch-request", "true");
        let request = request.header("x-ms-cosmos-batch-atomic", "true");
        let answer = request.json(&operations).send().await.unwrap();
        answer.error_for_status().unwrap();
    }

    fn documents(&self, method: Method, partition: &str) -> RequestBuilder {
        let url = format!("{}/dbs/app/colls/items/docs", self.emulator.url());
        let request = request(method, url);
        request.header(
            "x-ms-documentdb-partitionkey",
            json!([partition]).to_string(),
        )
    }

    /// One more instance of the handler, on the same container.
    pub(crate) fn another(&self) -> Handler {
        Handler::start(&settings(&self.emulator.url()))
    }
}

/// The settings of a handler that takes callers at their word.
pub(crate) fn settings(emulator: &str) -> Vec<(&str, &str)> {
    vec![
        ("COSMOS_ENDPOINT", emulator),
        ("COSMOS_DATABASE_NAME", "app"),
        ("COSMOS_CONTAINER_ID", "items"),
        ("COSMOS_KEY", "bG9jYWw="),
        // As in Azure.
        ("AZURE_COSMOS_BINARY_ENCODING_ENABLED", "true"),
        ("AUTH_MODE", "dev"),
    ]
}

impl User<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.handler
            .request(method, path)
            .header("x-dev-user", self.id)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A new workspace; returns its path.
    pub(crate) async fn workspace(&self) -> String {
        let made = self
            .post("/api/workspaces", json!({"name": "Workspace"}))
            .await;
        made.expect(StatusCode::CREATED).location()
    }

    /// A new project in the workspace at this path; returns it.
    pub(crate) async fn project(&self, workspace: &str, body: Value) -> Answer {
        let made = self.post(&format!("{workspace}/projects"), body).await;
        made.expect(StatusCode::CREATED)
    }

    /// Follows a list to its end; returns the items of each page.
    pub(crate) async fn pages(&self, first: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(link) = next {
            let page = self.get(&link).await.expect(StatusCode::OK);
            pages.push(page.json["value"].as_array().unwrap().clone());
            next = page.json["nextLink"].as_str().map(ToOwned::to_owned);
        }
        pages
    }
}
