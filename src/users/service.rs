//! Users: one's own profile, and finding somebody by email address.

use crate::call::{Call, now};
use crate::error::ServiceError;
use crate::users::{SaveUser, StoredUser, USERS, User, UserSummary};
use cosmos_store::change::Decision;
use cosmos_store::etag::Versioned;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use rest::continuation::{Position, Token};
use rest::identity::Email;
use rest::page::{Limit, Page};
use rest::precondition::Precondition;

const NO_USER: ServiceError = ServiceError::NotFound("user");

/// The caller's profile.
pub async fn get(call: &Call) -> Result<Versioned<User>, ServiceError> {
    if !call.items.is_configured() {
        return Err(NO_USER);
    }
    let user = read(call).await?.ok_or(NO_USER)?;
    Ok(user.map(User::from))
}

/// Creates or replaces the caller's profile. Returns whether there was none before.
pub async fn save(
    call: &Call,
    precondition: &Precondition,
    body: &SaveUser,
) -> Result<(Versioned<User>, bool), ServiceError> {
    let id = StoredUser::id_of(&call.caller.id);
    let change = |latest: Option<Versioned<StoredUser>>| {
        precondition.check_if_any(latest.as_ref().map(|latest| &latest.etag))?;
        let latest = latest.map(|latest| latest.item);
        let user = body.apply(&call.caller, latest, now(), call.write())?;
        Ok::<_, ServiceError>(Decision::Write(user))
    };
    let changed = call.items.change(&USERS, &id, call.write(), change).await?;
    Ok((changed.latest.map(User::from), changed.is_new))
}

/// Users with exactly this email address.
pub async fn find(
    call: &Call,
    email: &Email,
    limit: Limit,
    continuation: Option<&str>,
) -> Result<Page<UserSummary>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let this_list = ("users", email);
    let mut query = Query::<StoredUser>::new("")?.and("c.email = @email", "@email", email)?;
    if let Some(token) = continuation {
        let after = Token::open(&this_list, token)?;
        query = query.and("c.id > @after", "@after", after.id)?;
    }
    let query = query.order_by("c.id ASC");
    let found = call.items.query(&USERS, query, limit.plus_one()).await?;
    let position = |user: &StoredUser| Position {
        value: String::new(),
        id: user.id(),
    };
    Ok(Page::of(found, limit, &this_list, position))
}

async fn read(call: &Call) -> Result<Option<Versioned<StoredUser>>, ServiceError> {
    let id = StoredUser::id_of(&call.caller.id);
    Ok(call.items.read(&USERS, &id).await?)
}
