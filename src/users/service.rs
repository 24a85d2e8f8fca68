//! Users: one's own profile, and finding somebody by email address.

use super::address;
use super::earlier;
use crate::access::UserScope;
use crate::call::Call;
use crate::error::ServiceError;
use crate::users::{SaveUser, StoredUser, User, UserSummary};
use cosmos_store::change::Decision;
use cosmos_store::etag::Versioned;
use rest::identity::Email;
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
    let own = UserScope::of_caller(&call.caller);
    let id = StoredUser::id_of(&call.caller.id);
    let mut found = call.items.read::<StoredUser>(&own, &id).await?;
    if found.is_none() && earlier::move_own(&call.items, &call.caller.id).await? {
        found = call.items.read(&own, &id).await?;
    }
    Ok(found.ok_or(NO_USER)?.map(User::from))
}

/// Creates or replaces the caller's profile. Returns whether there was none before.
///
/// The profile says which address is the caller's, so it is written first; from then on the address leads to it. A
/// repeat of the request does what is left.
pub async fn save(
    call: &Call,
    precondition: &Precondition,
    body: &SaveUser,
) -> Result<(Versioned<User>, bool), ServiceError> {
    let own = UserScope::of_caller(&call.caller);
    let id = StoredUser::id_of(&call.caller.id);
    let mut may_be_elsewhere = true;
    let (changed, is_new) = loop {
        let decide = |latest: Option<Versioned<StoredUser>>| {
            if latest.is_none() && may_be_elsewhere {
                return Err(NO_USER);
            }
            precondition.check_if_any(latest.as_ref().map(|latest| &latest.etag))?;
            let latest = latest.map(|latest| latest.item);
            let user = body.apply(&call.caller, latest, Timestamp::now(), call.write())?;
            Ok::<_, ServiceError>(Decision::Write(user))
        };
        match call.items.change(&own, &id, call.write(), decide).await {
            Err(ServiceError::NotFound(_)) => {
                earlier::move_own(&call.items, &call.caller.id).await?;
                may_be_elsewhere = false;
            }
            changed => break changed?,
        }
    };
    let user = &changed.item;
    for email in &user.former_emails {
        address::give_up(&call.items, email, &user.user_id).await?;
    }
    if let Some(email) = &user.email
        && address::take::<ServiceError>(&call.items, email, &user.user_id).await?
        && call.items.read::<StoredUser>(&own, &id).await?.is_none()
    {
        // The user was erased meanwhile.
        address::give_up(&call.items, email, &user.user_id).await?;
    }
    Ok((changed.map(User::from), is_new))
}

/// The user with exactly the email address that `query` asks for.
pub async fn find(
    call: &Call,
    query: &ListQuery<UserSummary>,
) -> Result<Page<UserSummary>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let found = match query.value("email") {
        Some(email) => find_by(call, &email).await?,
        None => None,
    };
    Ok(query.only(found.map(UserSummary::from))?)
}

async fn find_by(call: &Call, email: &Email) -> Result<Option<StoredUser>, ServiceError> {
    let Some(user) = address::find(&call.items, email).await? else {
        return Ok(None);
    };
    let (scope, id) = (UserScope::of(&user), StoredUser::id_of(&user));
    let found = call.items.read::<StoredUser>(&scope, &id).await?;
    let found = found.map(|found| found.item);
    Ok(found.filter(|user| user.email.as_ref() == Some(email)))
}
