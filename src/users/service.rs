//! Users: one's own profile, and finding somebody by email address.

use crate::call::Call;
use crate::error::ServiceError;
use crate::users::{SaveUser, StoredUser, USERS, User, UserSummary};
use cosmos_store::change::Decision;
use cosmos_store::etag::Versioned;
use cosmos_store::query::Query;
use rest::list::ListQuery;
use rest::page::Page;
use rest::precondition::Precondition;
use rest::timestamp::Timestamp;

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
        let user = body.apply(&call.caller, latest, Timestamp::now(), call.write())?;
        Ok::<_, ServiceError>(Decision::Write(user))
    };
    let changed = call.items.change(&USERS, &id, call.write(), change).await?;
    Ok((changed.latest.map(User::from), changed.is_new))
}

/// Users with exactly the email address that `query` asks for.
pub async fn find(
    call: &Call,
    query: &ListQuery<UserSummary>,
) -> Result<Page<UserSummary>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let all = Query::<StoredUser>::new()?;
    let sql = query.query::<_, ServiceError>(all, &"users")?;
    let found = call.items.query(&USERS, sql, query.limit().plus_one());
    Ok(query.page(found.await?, &"users").map(UserSummary::from))
}

async fn read(call: &Call) -> Result<Option<Versioned<StoredUser>>, ServiceError> {
    let id = StoredUser::id_of(&call.caller.id);
    Ok(call.items.read(&USERS, &id).await?)
}
