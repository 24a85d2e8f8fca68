//! Users: what people say about themselves. A profile lives in its user's own partition ("owner" strategy).

pub mod http;
pub mod service;
mod address;
pub(crate) mod earlier;
pub mod erasure;

use cosmos_store::change::Revised;
use cosmos_store::item::{DocType, Item};
use cosmos_store::write::WriteId;
use deserr::Deserr;
use rest::identity::{Caller, Email, UserId};
use rest::list::{Criterion, Listed};
use rest::text::Name;
use rest::timestamp::Timestamp;
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Addresses that a user no longer has, and that may still lead to them.
const FORMER_EMAILS: usize = 10;

/// What a user says about themselves. Without a display name, the identity provider's is taken.
#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
pub struct SaveUser {
    #[schemars(default)]
    #[deserr(default)]
    display_name: Option<Name>,
}

/// A profile as it is stored. The email address is the identity provider's: nobody can claim another one. Unknown
/// properties are dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredUser {
    id: String,
    doc_type: DocType<Self>,
    pub user_id: UserId,
    display_name: Name,
    pub email: Option<Email>,
    /// Addresses of before, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_emails: Vec<Email>,
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
    /// The profile to store; `saved` is the one it replaces.
    ///
    /// # Errors
    /// If nobody gave a name.
    pub fn apply(
        &self,
        caller: &Caller,
        saved: Option<StoredUser>,
        now: Timestamp,
        write: WriteId,
    ) -> Result<StoredUser, Violations> {
        let from_identity = || Name::cut(caller.name.as_deref()?).ok();
        let display_name = self.display_name.clone().or_else(from_identity);
        let former_emails = saved
            .as_ref()
            .map(|saved| saved.emails_but(caller.email.as_ref()));
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
            former_emails: former_emails.unwrap_or_default(),
            created_at,
            updated_at,
            revision: write,
        })
    }
}

impl StoredUser {
    pub fn id_of(user: &UserId) -> String {
        user.item_id()
    }

    /// When it was last written.
    fn changed_at(&self) -> Timestamp {
        self.updated_at.unwrap_or(self.created_at)
    }

    /// Every address that may lead to this user.
    pub fn emails(&self) -> impl Iterator<Item = &Email> {
        self.former_emails.iter().chain(&self.email)
    }

    fn emails_but(&self, latest: Option<&Email>) -> Vec<Email> {
        let former = self.emails().filter(|email| Some(*email) != latest);
        let mut former: Vec<_> = former.cloned().collect();
        former.drain(..former.len().saturating_sub(FORMER_EMAILS));
        former
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
