//! A handler of its own for each test, on an emulator of its own.

mod answer;
mod handler;

pub(crate) use answer::Answer;
use cosmos_emulator::Emulator;
pub(crate) use handler::Handler;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

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
