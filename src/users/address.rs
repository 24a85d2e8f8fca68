//! Email addresses by which users are found: each is an item in a partition of its own, named by its hash.
//!
//! An address leads to one user at most: to the one for whom the identity provider vouched last. That user
//! must still have it in their profile, so a leftover address leads to nobody.

use cosmos_store::change::{Attempts, Contended};
use cosmos_store::error::StorageError;
use cosmos_store::etag::Versioned;
use cosmos_store::item::{DocType, Item};
use cosmos_store::items::Items;
use cosmos_store::scope::{Scope, WriteScope};
use rest::identity::{Email, UserId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Whose address it is. Unknown properties are dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredAddress {
    id: String,
    doc_type: DocType<Self>,
    user_id: UserId,
}

/// The partition of one address.
struct AddressScope(String);

impl AddressScope {
    fn of(email: &Email) -> Self {
        Self(format!("email:{}", email.hash()))
    }
}

impl Scope for AddressScope {
    fn partition(&self) -> Cow<'static, str> {
        self.0.clone().into()
    }
}

impl WriteScope for AddressScope {}

impl StoredAddress {
    const ID: &'static str = "address";

    fn new(user_id: UserId) -> Self {
        Self {
            id: Self::ID.to_owned(),
            doc_type: DocType::default(),
            user_id,
        }
    }
}

impl Item for StoredAddress {
    const DOC_TYPE: &'static str = "address";

    fn id(&self) -> String {
        self.id.clone()
    }
}

/// Returns whose address it may be.
pub(super) async fn find(items: &Items, email: &Email) -> Result<Option<UserId>, StorageError> {
    let found = read(items, email).await?;
    Ok(found.map(|found| found.item.user_id))
}

async fn read(
    items: &Items,
    email: &Email,
) -> Result<Option<Versioned<StoredAddress>>, StorageError> {
    items
        .read(&AddressScope::of(email), StoredAddress::ID)
        .await
}

/// Makes the address lead to this user. Returns whether it did not before.
pub(super) async fn take<E>(items: &Items, email: &Email, user: &UserId) -> Result<bool, E>
where
    E: From<StorageError> + From<Contended>,
{
    let scope = AddressScope::of(email);
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let found = read(items, email).await?;
        let address = StoredAddress::new(user.clone());
        let written = match found {
            Some(found) if found.item.user_id == *user => return Ok(false),
            Some(found) => items.replace(&scope, address, &found.etag).await,
            None => items.create(&scope, address).await,
        };
        match written {
            Ok(_) => return Ok(true),
            Err(error) if error.is_overtaken() => {}
            Err(error) if error.outcome_is_unknown() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Contended.into())
}

/// Makes the address lead to nobody, if it leads to this user.
pub(super) async fn give_up(
    items: &Items,
    email: &Email,
    user: &UserId,
) -> Result<(), StorageError> {
    let found = read(items, email).await?;
    let Some(own) = found.filter(|found| found.item.user_id == *user) else {
        return Ok(());
    };
    let scope = AddressScope::of(email);
    match items
        .delete(&scope, StoredAddress::ID, Some(&own.etag))
        .await
    {
        Ok(()) | Err(StorageError::NotFound | StorageError::Changed) => Ok(()),
        Err(error) => Err(error),
    }
}
