//! Erasing a user: memberships first, then addresses, and the profile, which names them, last. It can end at any step
//! and be asked for again.

use super::{address, earlier};
use crate::access::{CanLeave, UserScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::follow::Following;
use crate::members::service as members;
use crate::members::{Membership, Role};
use crate::users::StoredUser;
use crate::workspaces::stored;
use cosmos_store::change::Attempts;
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use futures::{StreamExt, TryStreamExt};
use rest::precondition::Precondition;
use std::slice;

const PAGE: u32 = 100;
/// Workspaces that are looked at at the same time.
const SIDE_BY_SIDE: usize = 32;
/// So many workspaces at most are named to the caller.
const MOST_NAMED: usize = 20;

/// Erases the caller, whether they have a profile or not.
///
/// # Errors
/// [`ServiceError::SoleOwner`] if workspaces would have no owner. Nothing is erased then, unless the last of the other
/// owners has left meanwhile.
pub async fn erase(call: &Call<CanLeave>, precondition: &Precondition) -> Result<(), ServiceError> {
    let own = UserScope::of_caller(&call.caller);
    let profile = read(call, &own).await?;
    precondition.check_if_any(profile.as_ref().map(|profile| &profile.etag))?;
    let owned = memberships(call, &own, Some(Role::Owner)).await?;
    none_is_left_alone(only_theirs(call, owned).await?)?;
    let mut attempts = Attempts::default();
    loop {
        let left = memberships(call, &own, None).await?;
        if left.is_empty() {
            break;
        }
        if !attempts.next().await {
            return Err(ServiceError::Contended);
        }
        let mut sole = Vec::new();
        for id in left {
            let ended = end_membership(call, id).await?;
            sole.extend((!ended).then_some(id));
        }
        none_is_left_alone(sole)?;
    }
    earlier::forget(&call.items, &call.caller.id).await?;
    forget(call, &own).await
}

fn none_is_left_alone(mut sole: Vec<WorkspaceId>) -> Result<(), ServiceError> {
    sole.truncate(MOST_NAMED);
    if sole.is_empty() {
        return Ok(());
    }
    Err(ServiceError::SoleOwner(sole))
}

/// Those of the workspaces that have no other owner.
async fn only_theirs(
    call: &Call<CanLeave>,
    owned: Vec<WorkspaceId>,
) -> Result<Vec<WorkspaceId>, ServiceError> {
    let looks = owned.into_iter().map(async |id| {
        let workspace = stored::read(&call.items, id).await?;
        let owners = workspace.as_ref().map(|found| found.item.owners());
        let is_sole = owners == Some(slice::from_ref(&call.caller.id));
        Ok::<_, ServiceError>(is_sole.then_some(id))
    });
    let looks: Vec<_> = looks.collect();
    let looks = futures::stream::iter(looks).buffer_unordered(SIDE_BY_SIDE);
    looks
        .try_filter_map(async |found| Ok(found))
        .try_collect()
        .await
}

async fn read(
    call: &Call<CanLeave>,
    own: &UserScope,
) -> Result<Option<Versioned<StoredUser>>, StorageError> {
    let id = StoredUser::id_of(&call.caller.id);
    call.items.read(own, &id).await
}

/// The workspaces that the caller is a member of, or has this role in.
async fn memberships(
    call: &Call<CanLeave>,
    own: &UserScope,
    role: Option<Role>,
) -> Result<Vec<WorkspaceId>, ServiceError> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let all = Query::<Membership>::new()?.having("role");
        let mut query = all.and(&["c.id > @after"], "after", &after)?;
        if let Some(role) = role {
            query = query.and(&["c.role = @role"], "role", role)?;
        }
        let page = call
            .items
            .query(own, query.order_by(&["c.id ASC"]), PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(ids);
        };
        after = last.id();
        ids.extend(page.iter().map(|membership| membership.workspace_id));
    }
}

/// Returns false if the caller is the last owner after all.
async fn end_membership(call: &Call<CanLeave>, id: WorkspaceId) -> Result<bool, ServiceError> {
    let user = &call.caller.id;
    // The list says that they are a member. What is remembered may be older.
    call.memberships.forget(id, user);
    match members::remove(call, id, user, &Precondition::default()).await {
        Ok(()) => Ok(true),
        Err(ServiceError::LastOwner) => Ok(false),
        // The list is behind.
        Err(ServiceError::Hidden | ServiceError::NotFound(_)) => {
            Following::new(&call.items, id, user).run().await?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Forgets the addresses and then the profile, in the version that named them.
async fn forget(call: &Call<CanLeave>, own: &UserScope) -> Result<(), ServiceError> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let Some(profile) = read(call, own).await? else {
            return Ok(());
        };
        for email in profile.item.emails() {
            address::give_up(&call.items, email, &call.caller.id).await?;
        }
        let id = StoredUser::id_of(&call.caller.id);
        match call.items.delete(own, &id, Some(&profile.etag)).await {
            Ok(()) | Err(StorageError::NotFound) => return Ok(()),
            Err(StorageError::Changed) => {}
            // The next look tells what became of it.
            Err(error) if error.outcome_is_unknown() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contended)
}
