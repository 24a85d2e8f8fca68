//! Answers, and what is expected of them.

use crate::contract;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// Null when the body is something else.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let asked = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a whole answer");
        let is_json = headers
            .get("content-type")
            .is_some_and(|kind| kind.to_str().unwrap().ends_with("json"));
        let json = match body.as_ref() {
            json if is_json => serde_json::from_slice(json).expect("JSON"),
            _ => Value::Null,
        };
        let answer = Self {
            status,
            headers,
            json,
        };
        contract::expect_described(&asked.0, &asked.1, &answer);
        answer
    }

    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Checks that this is a problem detail in the form every caller may count on.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: StatusCode, code: &str) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["code"], code, "{self:#?}");
        assert_eq!(self.json["status"], status.as_u16());
        assert_eq!(
            self.json["type"],
            format!("/api/docs/problems/{code}").as_str()
        );
        for text in ["title", "detail", "instance"] {
            assert!(!self.json[text].as_str().unwrap().is_empty(), "{text}");
        }
        let waits = matches!(status.as_u16(), 429 | 503);
        assert!(!waits || self.headers.contains_key("retry-after"));
        self
    }

    /// The pointers of a 422.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().unwrap();
        let pointers = errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap());
        pointers.collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> String {
        self.header("location").to_owned()
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap()
    }

    pub(crate) fn etag(&self) -> &str {
        self.header("etag")
    }
}
