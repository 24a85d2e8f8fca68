//! Path parameters, read into the types they name.

use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use super::violations::{Violations, read_text};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use deserr::Deserr;

/// Returns the path parameter `name`.
///
/// # Errors
/// 400 if it cannot be read.
pub async fn parameter<T: Deserr<Violations>>(
    parts: &mut Parts,
    name: &'static str,
) -> Result<T, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, &())
        .await
        // "Invalid UTF-8 in `id`"
        .map_err(|rejection| Problem::new(&MALFORMED_REQUEST, rejection.body_text()))?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    read_text(found.map_or("", |(_, value)| value))
        .map_err(|detail| Problem::invalid_parameters(vec![(name.to_owned(), detail)]))
}

/// Makes a type an extractor of the path parameter that names it. It is read as it is in a body.
#[macro_export]
macro_rules! path_parameter {
    ($type:ty, $name:literal) => {
        impl<S: Send + Sync> axum::extract::FromRequestParts<S> for $type {
            type Rejection = $crate::problem::Problem;

            async fn from_request_parts(
                parts: &mut axum::http::request::Parts,
                _state: &S,
            ) -> Result<Self, Self::Rejection> {
                $crate::path::parameter(parts, $name).await
            }
        }

        impl $crate::openapi::Describe for $type {
            fn describe(operation: &mut $crate::openapi::Operation<'_>) {
                operation.path::<$type>($name);
            }
        }
    };
}
