//! What callers may do in workspaces, remembered for a few seconds.
//!
//! Every request in a workspace asks; without this each of them would pay a read (1 RU). A change made
//! through this process takes effect at once, one made elsewhere after [`REMEMBERED`] at the latest.

use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::follow::Following;
use crate::members::{Role, StoredMember};
use crate::workspaces::stored;
use cosmos_store::items::Items;
use moka::sync::Cache;
use rest::identity::UserId;
use rest::text::Name;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a member who was removed through another instance may still get in.
pub const REMEMBERED: Duration = Duration::from_secs(10);
/// Callers remembered in all, those who are not members, too. One takes about 200 bytes.
const CAPACITY: u64 = 50_000;

/// A cache that all requests share. Clones are cheap.
#[derive(Debug, Clone)]
pub struct Memberships(Arc<Inner>);

/// What is known of one caller in one workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// `None` if they are no member.
    pub(crate) role: Option<Role>,
    /// The name of the workspace in their own list.
    pub(crate) mirrored: Option<Name>,
}

#[derive(Debug)]
struct Inner {
    known: Cache<(WorkspaceId, UserId), Arc<Known>>,
    /// Counts changes made here. A read that began before a change is not remembered after it.
    changes: Mutex<u64>,
}

impl Default for Memberships {
    fn default() -> Self {
        Self(Arc::new(Inner {
            known: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(REMEMBERED)
                .build(),
            changes: Mutex::new(0),
        }))
    }
}

impl Memberships {
    /// Returns what a user may do in a workspace, as it was a few seconds ago at most.
    pub(crate) async fn of(
        &self,
        items: &Items,
        id: WorkspaceId,
        user: &UserId,
    ) -> Result<Arc<Known>, ServiceError> {
        let key = (id, user.clone());
        if let Some(known) = self.0.known.get(&key) {
            return Ok(known);
        }
        let before = *self.changes();
        let known = Arc::new(read(items, id, user).await?);
        let changes = self.changes();
        if *changes == before {
            self.0.known.insert(key, Arc::clone(&known));
        }
        Ok(known)
    }

    /// Forgets when it is dropped: after an attempt to change a member, whatever became of it, even if
    /// nobody waits for it any more.
    pub(crate) fn forget_after<'a>(&'a self, id: WorkspaceId, user: &UserId) -> ForgetAfter<'a> {
        ForgetAfter(self, id, user.clone())
    }

    pub(crate) fn forget(&self, id: WorkspaceId, user: &UserId) {
        let mut changes = self.changes();
        *changes += 1;
        self.0.known.invalidate(&(id, user.clone()));
    }

    /// Held while the cache is written, so that an old entry is never put back after a change.
    fn changes(&self) -> MutexGuard<'_, u64> {
        self.0
            .changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(crate) struct ForgetAfter<'a>(&'a Memberships, WorkspaceId, UserId);

impl Drop for ForgetAfter<'_> {
    fn drop(&mut self) {
        self.0.forget(self.1, &self.2);
    }
}

/// Reads the member's item. A caller without one may be a member of a workspace of an earlier layout.
async fn read(items: &Items, id: WorkspaceId, user: &UserId) -> Result<Known, ServiceError> {
    let scope = WorkspaceScope::internal(id);
    let item = StoredMember::id_of(user);
    let mut found = items.read::<StoredMember>(&scope, &item).await?;
    if found.is_none() && stored::move_if_earlier(items, id).await? {
        found = items.read(&scope, &item).await?;
    }
    let Some(member) = found else {
        return Ok(Known::default());
    };
    let StoredMember { role, mirrored, .. } = member.item;
    if mirrored.is_some() {
        return Ok(Known { role, mirrored });
    }
    let workspace = stored::read(items, id).await?;
    let name = workspace.map(|found| found.item.fields.name);
    Following::new(items, id, user).run_if_possible().await;
    Ok(Known {
        role: role.filter(|_| name.is_some()),
        mirrored: name,
    })
}
