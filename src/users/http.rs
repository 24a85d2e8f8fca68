//! `/api/users`

use super::erasure;
use super::service as users;
use super::{SaveUser, User, UserSummary};
use crate::access::CanLeave;
use crate::call::Call;
use axum::Json;
use rest::answer::{Created, Deleted, Read, Saved, Tagged};
use rest::json;
use rest::list::{ListPage, ListQuery};
use rest::precondition::Precondition;
use rest::problem::Problem;
use rest::request_log::AccessChanged;

pub async fn get_me(call: Call, condition: Precondition) -> Result<Read<User>, Problem> {
    let user = users::get(&call).await?;
    Ok(Read::new(&condition, user)?)
}

pub async fn save_me(
    call: Call,
    condition: Precondition,
    json::Json(body): json::Json<SaveUser>,
) -> Result<Saved<User>, Problem> {
    let (made, is_new) = users::save(&call, &condition, &body).await?;
    let location = "/api/users/me".to_owned();
    Ok(if is_new {
        Saved::New(Created { location, made })
    } else {
        Saved::Replaced(Tagged(made))
    })
}

pub async fn erase_me(
    call: Call<CanLeave>,
    condition: Precondition,
) -> Result<AccessChanged<Deleted>, Problem> {
    erasure::erase(&call, &condition).await?;
    Ok(AccessChanged(Deleted))
}

pub async fn find(
    call: Call,
    query: ListQuery<UserSummary>,
) -> Result<Json<ListPage<UserSummary>>, Problem> {
    let page = users::find(&call, &query).await?;
    Ok(query.answer(page))
}
