//! Path parameters, read into the types they name.

use super::problem::Problem;
use super::problem_type::MALFORMED_REQUEST;
use crate::app::AppState;
use crate::domain::caller::UserId;
use crate::domain::id::{ProjectId, WorkspaceId};
use crate::domain::slug::Slug;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

macro_rules! path_parameter {
    ($name:literal, $type:ty, $parse:ident) => {
        impl FromRequestParts<AppState> for $type {
            type Rejection = Problem;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &AppState,
            ) -> Result<Self, Problem> {
                parameter(parts, state, $name, <$type>::$parse).await
            }
        }
    };
}

path_parameter!("workspaceId", WorkspaceId, parse);
path_parameter!("projectId", ProjectId, parse);
path_parameter!("slug", Slug, parse);
path_parameter!("userId", UserId, parse_shown);

async fn parameter<T>(
    parts: &mut Parts,
    state: &AppState,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state)
        .await
        // "Invalid UTF-8 in `projectId`"
        .map_err(|rejection| Problem::new(&MALFORMED_REQUEST, rejection.body_text()))?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    parse(found.map_or("", |(_, value)| value))
        .map_err(|detail| Problem::invalid_parameters(vec![(name.to_owned(), detail)]))
}
