//! Users of the layout before, in which all profiles were in the partition `global`.

use super::address;
use crate::access::UserScope;
use crate::error::ServiceError;
use crate::users::StoredUser;
use cosmos_store::change::Decision;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::query::Query;
use cosmos_store::scope::Global;
use rest::identity::UserId;

/// The partition of all users, before.
const USERS: Global = Global("global");
const PAGE: u32 = 100;

/// Up to 100 users, but for those that `failed`, who are still there.
pub(crate) async fn some(items: &Items, failed: Vec<String>) -> Result<Vec<UserId>, ServiceError> {
    let query = Query::<StoredUser>::new()?;
    let query = query.and(&["NOT ARRAY_CONTAINS(@failed, c.userId)"], "failed", failed)?;
    let found = items.query(&USERS, query, PAGE).await?;
    Ok(found.into_iter().map(|user| user.user_id).collect())
}

/// Moves a user's profile to their own partition, if it is still there. Returns whether it was.
pub(crate) async fn move_own(items: &Items, user: &UserId) -> Result<bool, ServiceError> {
    let id = StoredUser::id_of(user);
    match items.read::<StoredUser>(&USERS, &id).await? {
        None => Ok(false),
        Some(found) => move_on(items, found.item).await.map(|()| true),
    }
}

/// Moves a profile to its user's own partition. If they have another one there by now, the later one stays.
async fn move_on(items: &Items, profile: StoredUser) -> Result<(), ServiceError> {
    let user = profile.user_id.clone();
    let (own, id, write) = (
        UserScope::of(&user),
        StoredUser::id_of(&user),
        profile.revision,
    );
    let later = |there: Option<Versioned<StoredUser>>| {
        Ok::<_, ServiceError>(match there {
            Some(there) if there.item.changed_at() >= profile.changed_at() => Decision::Keep(there),
            _ => Decision::Write(profile.clone()),
        })
    };
    let (latest, _) = items.change(&own, &id, write, later).await?;
    if let Some(email) = latest.item.email {
        address::take::<ServiceError>(items, &email, &user).await?;
    }
    Ok(forget(items, &user).await?)
}

/// Deletes what is left of a user there.
pub(super) async fn forget(items: &Items, user: &UserId) -> Result<(), StorageError> {
    match items.delete(&USERS, &StoredUser::id_of(user), None).await {
        Ok(()) | Err(StorageError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
