//! The caller as handlers ask for it.

use super::caller::refused::Refused;
use super::context::Context;
use super::edge::Edge;
use super::identity::Caller;
use super::problem::Problem;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

/// The caller of a protected route; 401 without one.
impl<S: Sync> FromRequestParts<S> for Caller
where
    Edge: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let edge = Edge::from_ref(state);
        let recognised = edge.callers.recognise(&parts.headers).await;
        let caller = recognised.map_err(Problem::from)?;
        if let Some(context) = parts.extensions.get::<Context>() {
            context.is_called_by(&caller.id);
        }
        Ok(caller)
    }
}

/// The caller of an open route, if there is one. Bad credentials are still refused.
impl<S: Sync> OptionalFromRequestParts<S> for Caller
where
    Edge: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        let edge = Edge::from_ref(state);
        match edge.callers.recognise(&parts.headers).await {
            Ok(caller) => Ok(Some(caller)),
            Err(Refused::Missing(_)) => Ok(None),
            Err(refused) => Err(refused.into()),
        }
    }
}
