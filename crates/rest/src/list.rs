//! Lists: their query parameters, and pages that link to the next one.

use super::continuation::Token;
use super::page::{Limit, Page};
use super::problem::Problem;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;
use url::form_urlencoded;

const CONTINUATION: &str = "continuation";
/// What stands in front takes its own parameters from the query and passes them on: the Functions host its
/// keys, API Management its keys and versions. They are not repeated in links, which get logged and shared.
const OF_GATEWAYS: [&str; 4] = ["code", "clientId", "subscription-key", "api-version"];

/// What a list can be filtered by.
pub trait Filter: Sized {
    /// `None` when a parameter it needs is missing or wrong: `parameters` keeps which one.
    fn read(parameters: &mut Parameters) -> Option<Self>;
}

/// A list that can only be paged.
impl Filter for () {
    fn read(_parameters: &mut Parameters) -> Option<Self> {
        Some(())
    }
}

/// The query of a list. Every parameter that is wrong, unknown or repeated is named in one answer.
#[derive(Debug)]
pub struct ListQuery<F> {
    pub filter: F,
    pub limit: Limit,
    pub continuation: Option<String>,
    uri: Uri,
}

impl<F: Filter, S: Send + Sync> FromRequestParts<S> for ListQuery<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let uri = parts.uri.clone();
        let mut parameters = Parameters::of(&uri);
        let filter = F::read(&mut parameters);
        let limit = parameters.take("limit", Limit::parse).unwrap_or_default();
        let continuation = parameters.take(CONTINUATION, |token| Ok(token.to_owned()));
        let filter = parameters.finish(filter)?;
        Ok(Self {
            filter,
            limit,
            continuation,
            uri,
        })
    }
}

impl<F> ListQuery<F> {
    pub fn answer<T: Serialize>(&self, page: Page<T>) -> Json<ListPage<T>> {
        Json(ListPage {
            next_link: page.next.map(|token| self.next_link(&token)),
            value: page.value,
        })
    }

    /// A path and a query, without scheme and host: behind the Functions host and whatever is in front
    /// of it, this process cannot know which ones callers use.
    fn next_link(&self, token: &Token) -> String {
        let query = self.uri.query().unwrap_or_default();
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != CONTINUATION && !is_of_gateway(name));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(CONTINUATION, token.as_str())
            .finish();
        format!("{}?{query}", self.uri.path())
    }
}

fn is_of_gateway(name: &str) -> bool {
    OF_GATEWAYS.contains(&name)
}

/// A page as callers see it; `nextLink` is absent on the last one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{T}Page")]
pub struct ListPage<T> {
    value: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
}

/// The query's parameters, taken out one at a time.
#[derive(Debug)]
pub struct Parameters {
    rest: Vec<(String, String)>,
    wrong: Vec<(String, String)>,
}

impl Parameters {
    fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            rest: pairs
                .filter(|(name, _)| !is_of_gateway(name))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            wrong: Vec::new(),
        }
    }

    /// The value of a parameter; `None` when it is not there, or is wrong: that is kept.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let at = self.rest.iter().position(|(found, _)| found == name)?;
        let (_, value) = self.rest.remove(at);
        // As what is no UTF-8 is read.
        let parsed = if value.contains(char::REPLACEMENT_CHARACTER) {
            Err("must be UTF-8".to_owned())
        } else {
            parse(&value)
        };
        parsed
            .map_err(|detail| self.wrong.push((name.to_owned(), detail)))
            .ok()
    }

    /// As [`Parameters::take`], for one that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.rest.iter().any(|(found, _)| found == name) {
            self.wrong.push((name.to_owned(), "is required".to_owned()));
        }
        self.take(name, parse)
    }

    fn finish<F>(mut self, filter: Option<F>) -> Result<F, Problem> {
        let unknown = self.rest.into_iter().map(|(name, _)| {
            let detail = "is not a parameter of this list, or is there twice";
            (name, detail.to_owned())
        });
        self.wrong.extend(unknown);
        filter
            .filter(|_| self.wrong.is_empty())
            .ok_or_else(|| Problem::invalid_parameters(self.wrong))
    }
}
