//! Members of workspaces and their roles.
//!
//! A [`StoredMember`] in the workspace's partition says who is a member. A [`Membership`] in the user's own partition
//! repeats it for the list of their workspaces: it follows, as `protocol` says.

pub mod http;
pub mod service;
pub mod cache;
pub(crate) mod follow;
mod membership;
#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "every step of every actor")]
mod model;
mod role;
pub(crate) mod protocol;
mod reconciliation;
pub mod timer;

pub use self::membership::Membership;
pub use self::role::Role;
use cosmos_store::change::Revised;
use cosmos_store::item::{DocType, Item};
use cosmos_store::write::WriteId;
use deserr::Deserr;
use rest::identity::UserId;
use rest::list::{Criterion, Listed};
use rest::text::Name;
use rest::timestamp::Timestamp;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The owners are named in the workspace's item, too, so that one of them always stays.
pub const MAX_OWNERS: usize = 20;

/// A member, or somebody who was one a moment ago. Unknown properties are dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMember {
    id: String,
    doc_type: DocType<Self>,
    pub user_id: UserId,
    /// Absent if the membership has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// The name of the workspace in the user's own list; null while the list may say something else than this item.
    pub mirrored: Option<Name>,
    /// The request that said what is here.
    revision: WriteId,
}

/// A member as callers see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    #[serde(with = "rest::identity::shown")]
    #[schemars(with = "UserId")]
    pub user_id: UserId,
    pub role: Role,
    /// Since when they are a member.
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl Listed for StoredMember {
    const FILTERS: &'static [Criterion] = &[Criterion::equals::<Role>("role")];
    const ORDERS: &'static [&'static str] = &["createdAt", "role", "userId"];
}

/// The body that gives somebody a role.
#[derive(Debug, Deserr, JsonSchema)]
#[deserr(error = Violations, deny_unknown_fields)]
pub struct SaveMember {
    pub role: Role,
}

impl StoredMember {
    pub fn id_of(user: &UserId) -> String {
        format!("member:{}", user.shown())
    }

    /// A new member; without a role, somebody who is none.
    pub fn new(user: &UserId, role: Option<Role>, write: WriteId) -> Self {
        Self {
            id: Self::id_of(user),
            doc_type: DocType::default(),
            user_id: user.clone(),
            role,
            created_at: Timestamp::now(),
            updated_at: None,
            mirrored: None,
            revision: write,
        }
    }

    /// The member with another role. Without one, the membership has ended.
    pub fn with_role(self, role: Option<Role>, write: WriteId) -> Self {
        if self.role.is_none() {
            return Self::new(&self.user_id, role, write);
        }
        Self {
            role,
            updated_at: Some(Timestamp::now()),
            mirrored: None,
            revision: write,
            ..self
        }
    }

    /// The member as callers see them; `None` if the membership has ended.
    pub fn shown(self) -> Option<Member> {
        Some(Member {
            user_id: self.user_id,
            role: self.role?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl Revised for StoredMember {
    fn revision(&self) -> WriteId {
        self.revision
    }
}

impl Item for StoredMember {
    const DOC_TYPE: &'static str = "member";

    fn id(&self) -> String {
        self.id.clone()
    }
}
