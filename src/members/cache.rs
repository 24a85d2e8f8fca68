//! Who the members of workspaces are, remembered for a few seconds.
//!
//! Every request in a workspace asks; without this each of them would pay a read (1 RU). A change made
//! through this process takes effect at once, one made elsewhere after [`REMEMBERED`] at the latest.

use crate::access;
use crate::error::{NO_WORKSPACE, ServiceError};
use crate::id::WorkspaceId;
use crate::members::Members;
use crate::workspaces::StoredWorkspace;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use moka::sync::Cache;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a member who was removed through another instance may still get in.
pub const REMEMBERED: Duration = Duration::from_secs(10);
/// Members remembered in all. One takes about 100 bytes.
const CAPACITY: u64 = 100_000;

/// A cache that all requests share. Clones are cheap.
#[derive(Debug, Clone)]
pub struct Memberships(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    known: Cache<WorkspaceId, Arc<Members>>,
    /// Counts changes made here. A read that began before a change is not remembered after it.
    changes: Mutex<u64>,
}

impl Default for Memberships {
    fn default() -> Self {
        let weight =
            |members: &Arc<Members>| 1 + u32::try_from(members.count()).unwrap_or(u32::MAX);
        Self(Arc::new(Inner {
            known: Cache::builder()
                .max_capacity(CAPACITY)
                .weigher(move |_, members| weight(members))
                .time_to_live(REMEMBERED)
                .build(),
            changes: Mutex::new(0),
        }))
    }
}

impl Memberships {
    pub(crate) fn known(&self, id: WorkspaceId) -> Option<Arc<Members>> {
        self.0.known.get(&id)
    }

    /// Reads the workspace from storage, and remembers its members.
    pub(crate) async fn read(
        &self,
        items: &Items,
        id: WorkspaceId,
    ) -> Result<(Versioned<StoredWorkspace>, Arc<Members>), ServiceError> {
        let before = *self.changes();
        let workspace = access::read_workspace(items, id)
            .await?
            .ok_or(NO_WORKSPACE)?;
        let members = Arc::new(workspace.item.roles());
        let changes = self.changes();
        if *changes == before {
            self.0.known.insert(id, Arc::clone(&members));
        }
        Ok((workspace, members))
    }

    /// Forgets when it is dropped: after an attempt to change members, whatever became of it, even if
    /// nobody waits for it any more.
    pub(crate) fn forget_after(&self, id: WorkspaceId) -> ForgetAfter<'_> {
        ForgetAfter(self, id)
    }

    pub(crate) fn forget(&self, id: WorkspaceId) {
        let mut changes = self.changes();
        *changes += 1;
        self.0.known.invalidate(&id);
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
pub(crate) struct ForgetAfter<'a>(&'a Memberships, WorkspaceId);

impl Drop for ForgetAfter<'_> {
    fn drop(&mut self) {
        self.0.forget(self.1);
    }
}
