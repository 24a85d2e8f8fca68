//! Users: what people say about themselves. They live in the partition `global`.

pub mod http;
pub mod service;

use cosmos_store::change::Revised;
use cosmos_store::item::{DocType, Item};
use cosmos_store::scope::Global;
use cosmos_store::write::WriteId;
use deserr::Deserr;
use rest::identity::{Caller, Email, UserId};
use rest::list::{Criterion, Listed};
use rest::text::Name;
use rest::timestamp::Timestamp;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The partition of all users.
pub const USERS: Global = Global("global");

/// What a user says about themselves. Without a display name, the identity provider's is taken.
#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
pub struct SaveUser {
    #[schemars(default)]
    #[deserr(default)]
    display_name: Option<Name>,
}

/// The email address is the identity provider's: nobody can claim another one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredUser {
    id: String,
    doc_type: DocType<Self>,
    pub user_id: UserId,
    display_name: Name,
    email: Option<Email>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// The request that wrote this version.
    pub revision: WriteId,
}

/// A user as they see themselves.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    #[serde(with = "rest::identity::shown")]
    #[schemars(with = "UserId")]
    id: UserId,
    display_name: Name,
    email: Option<Email>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// A user as others see them.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserSummary {
    #[serde(with = "rest::identity::shown")]
    #[schemars(with = "UserId")]
    id: UserId,
    display_name: Name,
}

/// Users are found by their exact address.
impl Listed for UserSummary {
    const FILTERS: &'static [Criterion] = &[Criterion::equals::<Email>("email").required()];
}

impl SaveUser {
    /// The profile to store; `saved` is the one it replaces. Errors when nobody gave a name.
    pub fn apply(
        &self,
        caller: &Caller,
        saved: Option<StoredUser>,
        now: Timestamp,
        write: WriteId,
    ) -> Result<StoredUser, Violations> {
        let from_identity = || Name::cut(caller.name.as_deref()?).ok();
        let display_name = self.display_name.clone().or_else(from_identity);
        let (created_at, updated_at) = match saved {
            Some(saved) => (saved.created_at, Some(now)),
            None => (now, None),
        };
        Ok(StoredUser {
            id: StoredUser::id_of(&caller.id),
            doc_type: DocType::default(),
            user_id: caller.id.clone(),
            display_name: display_name
                .ok_or_else(|| Violations::one("/displayName", "is required"))?,
            email: caller.email.clone(),
            created_at,
            updated_at,
            revision: write,
        })
    }
}

impl StoredUser {
    #[must_use]
    pub fn id_of(user: &UserId) -> String {
        user.item_id()
    }
}

impl Revised for StoredUser {
    fn revision(&self) -> WriteId {
        self.revision
    }
}

impl Item for StoredUser {
    const DOC_TYPE: &'static str = "user";

    fn id(&self) -> String {
        self.id.clone()
    }
}

impl From<StoredUser> for User {
    fn from(stored: StoredUser) -> Self {
        Self {
            id: stored.user_id,
            display_name: stored.display_name,
            email: stored.email,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

impl From<StoredUser> for UserSummary {
    fn from(stored: StoredUser) -> Self {
        Self {
            id: stored.user_id,
            display_name: stored.display_name,
        }
    }
}
