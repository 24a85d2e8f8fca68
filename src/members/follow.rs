//! Brings a user's own list up to date with what a workspace says of them: see [`super::protocol`].

use super::protocol::{Seen, Step, next};
use crate::access::{Internal, UserScope, WorkspaceScope};
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::members::{Membership, StoredMember};
use crate::workspaces::stored;
use cosmos_store::change::{Attempts, Revised};
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use cosmos_store::write::WriteId;
use custom_handler::telemetry::Causes;
use rest::identity::UserId;
use rest::text::Name;

/// A member whose list is to follow.
#[derive(Debug)]
pub(crate) struct Following<'a> {
    items: &'a Items,
    workspace_id: WorkspaceId,
    user: &'a UserId,
    /// The workspace's name; `None` if a read has found none.
    name: Option<Name>,
    mirror: Option<Versioned<Membership>>,
    member: Option<Versioned<StoredMember>>,
}

impl<'a> Following<'a> {
    pub(crate) fn new(items: &'a Items, workspace_id: WorkspaceId, user: &'a UserId) -> Self {
        Self {
            items,
            workspace_id,
            user,
            name: None,
            mirror: None,
            member: None,
        }
    }

    /// Brings the list up to date, whatever it says now.
    pub(crate) async fn run(mut self) -> Result<(), ServiceError> {
        self.go_on(Seen::Nothing).await
    }

    /// Brings the list up to date if possible. What is left over, the timer finds.
    pub(crate) async fn run_if_possible(self) {
        if let Err(error) = self.run().await {
            tracing::warn!(error = %Causes(&error), "a list of workspaces is behind");
        }
    }

    /// Reads what the list says, before the member is changed.
    pub(crate) async fn read_mirror(&mut self) -> Result<(), ServiceError> {
        self.carry_out(Step::ReadMirror).await.map(drop)
    }

    /// Goes on after a change of the member of a workspace with this name. The list was read before. Returns the member
    /// as it was changed, in its latest version.
    pub(crate) async fn after(
        mut self,
        changed: Versioned<StoredMember>,
        name: Name,
    ) -> Versioned<StoredMember> {
        self.name = Some(name);
        self.member = Some(changed.clone());
        if let Err(error) = self.go_on(Seen::Claimed).await {
            tracing::warn!(error = %Causes(&error), "a list of workspaces is behind");
        }
        let latest = self.member;
        let own = latest.filter(|latest| latest.item.revision() == changed.item.revision());
        own.unwrap_or(changed)
    }

    async fn go_on(&mut self, mut seen: Seen) -> Result<(), ServiceError> {
        let mut attempts = Attempts::default();
        loop {
            let step = next(seen);
            match step {
                Step::End => return Ok(()),
                Step::ReadMirror if !attempts.next().await => return Err(ServiceError::Contended),
                _ => {}
            }
            seen = match self.carry_out(step).await {
                Ok(seen) => seen,
                Err(ServiceError::Storage(error)) if error.is_overtaken() => match step {
                    Step::Settle => Seen::Settled,
                    _ => Seen::Overtaken,
                },
                // The next look tells what became of it.
                Err(ServiceError::Storage(error)) if error.outcome_is_unknown() => Seen::Overtaken,
                Err(error) => return Err(error),
            };
        }
    }

    async fn carry_out(&mut self, step: Step) -> Result<Seen, ServiceError> {
        match step {
            Step::ReadMirror => {
                let id = Membership::id_of(self.workspace_id);
                let own = UserScope::of(self.user);
                self.mirror = self.items.read(&own, &id).await?;
                Ok(Seen::Mirror)
            }
            Step::ReadMember => {
                let id = StoredMember::id_of(self.user);
                self.member = self.items.read(&self.scope(), &id).await?;
                self.name = self.read_name().await?;
                let agrees = self.agrees();
                Ok(Seen::Member { agrees })
            }
            Step::Claim => {
                self.claim().await?;
                // A read that found no workspace may have been stale. One after a write to the same partition is not.
                if self.name.is_none() {
                    self.name = self.read_name().await?;
                }
                Ok(Seen::Claimed)
            }
            Step::WriteMirror => {
                self.write_mirror().await?;
                Ok(Seen::Mirrored)
            }
            Step::Settle => {
                self.settle().await?;
                Ok(Seen::Settled)
            }
            Step::End => Ok(Seen::Settled),
        }
    }

    async fn claim(&mut self) -> Result<(), StorageError> {
        let claimed = StoredMember {
            mirrored: None,
            ..self.latest()
        };
        let scope = self.scope();
        self.member = Some(match &self.member {
            Some(member) => self.items.replace(&scope, claimed, &member.etag).await?,
            None => self.items.create(&scope, claimed).await?,
        });
        Ok(())
    }

    async fn write_mirror(&self) -> Result<(), StorageError> {
        let (own, member) = (UserScope::of(self.user), self.latest());
        let as_what = member.role.zip(self.name.clone());
        let mirror = Membership::new(self.workspace_id, as_what, member.created_at);
        match &self.mirror {
            Some(latest) => self.items.replace(&own, mirror, &latest.etag).await?,
            None => self.items.create(&own, mirror).await?,
        };
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), StorageError> {
        let Some(claimed) = &self.member else {
            return Ok(());
        };
        let scope = self.scope();
        let mirrored = self.name.clone().filter(|_| claimed.item.role.is_some());
        if mirrored.is_none() {
            let id = StoredMember::id_of(self.user);
            return self.items.delete(&scope, &id, Some(&claimed.etag)).await;
        }
        let settled = StoredMember {
            mirrored,
            ..claimed.item.clone()
        };
        self.member = Some(self.items.replace(&scope, settled, &claimed.etag).await?);
        Ok(())
    }

    fn scope(&self) -> WorkspaceScope<Internal> {
        WorkspaceScope::internal(self.workspace_id)
    }

    async fn read_name(&self) -> Result<Option<Name>, ServiceError> {
        let found = stored::read(self.items, self.workspace_id).await?;
        Ok(found.map(|found| found.item.fields.name))
    }

    /// Somebody without an item is not a member.
    fn latest(&self) -> StoredMember {
        let nobody = || StoredMember::new(self.user, None, WriteId::random());
        let known = self.member.as_ref().map(|member| member.item.clone());
        known.unwrap_or_else(nobody)
    }

    fn agrees(&self) -> bool {
        if let Some(member) = &self.member {
            let mirrored = member.item.mirrored.as_ref();
            return mirrored.is_some() && mirrored == self.name.as_ref();
        }
        let mirror = self.mirror.as_ref();
        mirror.is_none_or(|mirror| mirror.item.role.is_none())
    }
}
