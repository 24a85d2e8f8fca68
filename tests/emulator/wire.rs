//! Requests and answers as they are on the wire.

use crate::client::PARTITION;
use cosmos_emulator::Emulator;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const ITEMS: &str = "/dbs/app/colls/items/docs";

/// Speaks HTTP to one region of an emulator.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    client: Client,
    url: String,
}

impl Wire {
    /// Uses HTTP/1.1.
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self::to(emulator.url(), Client::builder().http1_only())
    }

    /// Uses HTTP/2 without asking for it first.
    pub(crate) fn http2(emulator: &Emulator) -> Self {
        Self::to(emulator.url(), Client::builder().http2_prior_knowledge())
    }

    pub(crate) fn to(url: String, client: reqwest::ClientBuilder) -> Self {
        custom_handler::tls::install();
        Self {
            client: client.no_proxy().build().unwrap(),
            url,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request that concerns items of the one partition.
    pub(crate) fn items(&self, method: Method, path: &str) -> RequestBuilder {
        let partition_key = format!("[\"{PARTITION}\"]");
        self.request(method, &format!("{ITEMS}{path}"))
            .header("x-ms-documentdb-partitionkey", partition_key)
    }

    pub(crate) async fn create(&self, item: &Value) -> reqwest::Result<Response> {
        self.items(Method::POST, "").json(item).send().await
    }

    pub(crate) async fn replace(&self, item: &Value) -> reqwest::Result<Response> {
        let path = format!("/{}", item["id"].as_str().unwrap());
        self.items(Method::PUT, &path).json(item).send().await
    }

    pub(crate) async fn batch(&self, operations: &Value) -> Response {
        let request = self.items(Method::POST, "");
        let request = request.header("x-ms-cosmos-is-batch-request", "True");
        request.json(operations).send().await.unwrap()
    }

    /// Queries the one partition. Returns the status, and the rows or the error's message.
    pub(crate) async fn query(&self, sql: &str) -> (u16, Value) {
        self.query_with(sql, &json!([])).await
    }

    pub(crate) async fn query_with(&self, sql: &str, parameters: &Value) -> (u16, Value) {
        let query = json!({ "query": sql, "parameters": parameters });
        let request = self.items(Method::POST, "");
        let request = request.header("x-ms-documentdb-isquery", "True");
        let answer = request.json(&query).send().await.unwrap();
        let status = answer.status().as_u16();
        let mut body: Value = answer.json().await.unwrap();
        let field = if status == 200 {
            "Documents"
        } else {
            "message"
        };
        (status, body[field].take())
    }

    /// The rows of a query that succeeds.
    pub(crate) async fn rows(&self, sql: &str) -> Value {
        let (status, rows) = self.query(sql).await;
        assert_eq!(status, 200, "{sql}: {rows}");
        rows
    }

    /// The message of a query that is refused with 400.
    pub(crate) async fn refused(&self, sql: &str) -> String {
        let (status, message) = self.query(sql).await;
        assert_eq!(status, 400, "{sql}: {message}");
        message.as_str().unwrap().to_owned()
    }

    pub(crate) async fn patch(&self, id: &str, patch: &Value) -> u16 {
        let request = self.items(Method::PATCH, &format!("/{id}"));
        request.json(patch).send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn read(&self, id: &str) -> reqwest::Result<Response> {
        self.items(Method::GET, &format!("/{id}")).send().await
    }

    /// Whether there is such an item.
    pub(crate) async fn has(&self, id: &str) -> bool {
        match self.read(id).await.unwrap().status().as_u16() {
            200 => true,
            404 => false,
            status => panic!("reading {id} answered {status}"),
        }
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "GET {path}: {}",
            response.status()
        );
        response.json().await.unwrap()
    }

    /// Sends JSON and returns the status and the JSON of the answer, null for none.
    pub(crate) async fn send_json(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let response = self
            .request(method, path)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        )
    }
}

/// A header of the answer, as text.
pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().unwrap().to_owned())
}
