//! Users: one's own profile, and finding somebody by email address.

use super::call::{Attempts, Call, now};
use super::continuation::Position;
use super::error::ServiceError;
use super::page::{Limit, Page};
use super::precondition::Precondition;
use crate::cosmos::error::StorageError;
use crate::cosmos::etag::Versioned;
use crate::cosmos::query::Query;
use crate::domain::caller::Email;
use crate::domain::item::Item;
use crate::domain::user::{SaveUser, StoredUser, User, UserSummary};

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
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let saved = read(call).await?;
        if let Some(saved) = saved.as_ref().filter(|s| s.item.revision == call.write()) {
            return Ok((saved.clone().map(User::from), false));
        }
        let etag = saved.as_ref().map(|saved| saved.etag.clone());
        precondition.check_if_any(etag.as_ref())?;
        let saved = saved.map(|saved| saved.item);
        let user = body.apply(&call.caller, saved, now(), call.write())?;
        let written = match &etag {
            Some(etag) => call.items.replace_global(user, etag).await,
            None => call.items.create_global(user).await,
        };
        match written {
            Err(StorageError::Changed | StorageError::AlreadyExists | StorageError::NotFound) => {}
            Err(error) if error.outcome_is_unknown() => {
                let saved = read(call)
                    .await?
                    .filter(|s| s.item.revision == call.write());
                return Ok((saved.ok_or(error)?.map(User::from), etag.is_none()));
            }
            written => return Ok((written?.map(User::from), etag.is_none())),
        }
    }
    Err(ServiceError::Contended)
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
        let after = call
            .continuations
            .open(&call.items, &this_list, token)
            .await?;
        query = query.and("c.id > @after", "@after", after.id)?;
    }
    let query = query.order_by("c.id ASC");
    let found = call.items.query_global(query, limit.plus_one()).await?;
    let position = |user: &StoredUser| Position {
        value: String::new(),
        id: user.id(),
    };
    Page::of(found, limit, call, &this_list, position).await
}

async fn read(call: &Call) -> Result<Option<Versioned<StoredUser>>, ServiceError> {
    let id = StoredUser::id_of(&call.caller.id);
    Ok(call.items.read_global(&id).await?)
}
