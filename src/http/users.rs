//! `/api/users`

use super::etag::{self, created, tagged};
use super::json::Json;
use super::list::{Filter, ListPage, ListQuery, Parameters};
use super::problem::Problem;
use crate::domain::caller::Email;
use crate::domain::user::{SaveUser, UserSummary};
use crate::service::call::Call;
use crate::service::precondition::Precondition;
use crate::service::users;
use axum::response::Response;

pub async fn get_me(call: Call, condition: Precondition) -> Result<Response, Problem> {
    let user = users::get(&call).await?;
    etag::read(&condition, &user)
}

pub async fn save_me(
    call: Call,
    condition: Precondition,
    Json(body): Json<SaveUser>,
) -> Result<Response, Problem> {
    let (user, is_new) = users::save(&call, &condition, &body).await?;
    Ok(if is_new {
        created("/api/users/me", &user)
    } else {
        tagged(&user)
    })
}

pub async fn find(
    call: Call,
    query: ListQuery<ByEmail>,
) -> Result<axum::Json<ListPage<UserSummary>>, Problem> {
    let ByEmail(email) = &query.filter;
    let page = users::find(&call, email, query.limit, query.continuation.as_deref()).await?;
    Ok(query.answer(page))
}

/// Users are found by their email address, and not listed otherwise.
#[derive(Debug)]
pub struct ByEmail(Email);

impl Filter for ByEmail {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        parameters.required("email", Email::parse).map(Self)
    }
}
