//! Path parameters, read into the types they name.

use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

/// Returns the path parameter `name` as `parse` reads it; 400 if it cannot.
pub async fn parameter<T>(
    parts: &mut Parts,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, &())
        .await
        // "Invalid UTF-8 in `id`"
        .map_err(|rejection| Problem::new(&MALFORMED_REQUEST, rejection.body_text()))?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    parse(found.map_or("", |(_, value)| value))
        .map_err(|detail| Problem::invalid_parameters(vec![(name.to_owned(), detail)]))
}

/// Makes a type an extractor of the path parameter that names it.
#[macro_export]
macro_rules! path_parameter {
    ($state:ty, $name:literal, $type:ty, $parse:ident) => {
        impl axum::extract::FromRequestParts<$state> for $type {
            type Rejection = $crate::problem::Problem;

            async fn from_request_parts(
                parts: &mut axum::http::request::Parts,
                _state: &$state,
            ) -> Result<Self, Self::Rejection> {
                $crate::path::parameter(parts, $name, <$type>::$parse).await
            }
        }
    };
}
