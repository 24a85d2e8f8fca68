//! `/api/users`

use super::service as users;
use crate::call::Call;
use crate::users::{SaveUser, UserSummary};
use axum::response::Response;
use rest::etag::{self, created, tagged};
use rest::identity::Email;
use rest::json::Json;
use rest::list::{Filter, ListPage, ListQuery, Parameters};
use rest::precondition::Precondition;
use rest::problem::Problem;

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
