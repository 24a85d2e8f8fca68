//! The parameters of a query, taken out one at a time.

use crate::problem::Problem;
use axum::http::Uri;
use url::form_urlencoded;

/// What stands in front takes its own parameters from the query and passes them on: the Functions host its
/// keys, API Management its keys and versions. They are not repeated in links, which get logged and shared.
const OF_GATEWAYS: [&str; 4] = ["code", "clientId", "subscription-key", "api-version"];

/// The query's parameters that were not taken yet, and those that are wrong.
#[derive(Debug)]
pub(super) struct Parameters {
    rest: Vec<(String, String)>,
    wrong: Vec<(String, String)>,
}

pub(super) fn is_of_gateway(name: &str) -> bool {
    OF_GATEWAYS.contains(&name)
}

impl Parameters {
    pub(super) fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            rest: pairs
                .filter(|(name, _)| !is_of_gateway(name))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            wrong: Vec::new(),
        }
    }

    /// The value of a parameter; `None` if it is absent, or wrong: that is kept.
    pub(super) fn take<T>(
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

    /// Notes that a parameter is missing if it is.
    pub(super) fn require(&mut self, name: &'static str) {
        if !self.rest.iter().any(|(found, _)| found == name) {
            self.wrong.push((name.to_owned(), "is required".to_owned()));
        }
    }

    /// Errors with every parameter that is wrong, unknown or repeated.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let unknown = self.rest.into_iter().map(|(name, _)| {
            let detail = "is not a parameter of this list, or is there twice";
            (name, detail.to_owned())
        });
        self.wrong.extend(unknown);
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Problem::invalid_parameters(self.wrong))
    }
}
