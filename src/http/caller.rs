//! Who calls, as `AUTH_MODE` says it is known.

use super::problem::Problem;
use super::problem_type::UNAUTHENTICATED;
use crate::app::AppState;
use crate::domain::caller::{Caller, UserId};
use crate::settings::AuthMode;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;

const DEV_USER: &str = "x-dev-user";

/// The caller of a protected route; 401 without one.
impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match state.auth_mode {
            Some(AuthMode::Dev) => dev_caller(&parts.headers),
            None => Err(unauthenticated(
                "no AUTH_MODE is set, so no caller can be known".to_owned(),
            )),
        }
    }
}

fn dev_caller(headers: &HeaderMap) -> Result<Caller, Problem> {
    let Some(value) = headers.get(DEV_USER) else {
        return Err(unauthenticated(format!(
            "the header `{DEV_USER}` is missing"
        )));
    };
    let id = UserId::new(value.to_str().unwrap_or_default())
        .map_err(|wrong| unauthenticated(format!("the header `{DEV_USER}` {wrong}")))?;
    Ok(Caller { id })
}

/// RFC 9110 wants a challenge with every 401.
fn unauthenticated(detail: String) -> Problem {
    Problem::new(&UNAUTHENTICATED, detail).with_header(WWW_AUTHENTICATE, "Bearer")
}
