//! Continuation tokens: where a list goes on, in a form callers cannot change.
//!
//! A token holds the position of the last item of a page, and a MAC (HMAC-SHA256) over that position
//! and the list it belongs to. The key is one random item in the container, so that every instance
//! takes the tokens of every other.

use super::error::ServiceError;
use crate::cosmos::error::StorageError;
use crate::cosmos::items::Items;
use crate::domain::item::{DocType, GLOBAL_PARTITION, GlobalItem, Item};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::sync::Arc;
use tokio::sync::OnceCell;

const KEY_ID: &str = "continuation-key";
const MAC_BYTES: usize = 32;

/// An opaque token, safe in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The last item of a page: the value the list is ordered by, and the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub value: String,
    pub id: String,
}

/// Makes and reads tokens. The key is read from storage once.
#[derive(Debug, Clone, Default)]
pub struct Continuations(Arc<OnceCell<TokenKey>>);

/// A stored, random key. `Debug` does not show it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenKey {
    id: String,
    partition_key: String,
    doc_type: DocType<Self>,
    key: String,
}

impl Continuations {
    /// A token for going on after `position` in `list`, which is everything that makes the list
    /// this list: what it shows, for whom, with which filters, in which order.
    pub async fn seal(
        &self,
        items: &Items,
        list: &impl Serialize,
        position: &Position,
    ) -> Result<Token, ServiceError> {
        let key = self.key(items).await?;
        let position = serde_json::to_vec(position).unwrap_or_default();
        let mut token = key.mac(list, &position).finalize().into_bytes().to_vec();
        token.extend_from_slice(&position);
        Ok(Token(URL_SAFE_NO_PAD.encode(token)))
    }

    /// The position in a token that was made for `list`; [`ServiceError::BadContinuation`] for any
    /// other.
    pub async fn open(
        &self,
        items: &Items,
        list: &impl Serialize,
        token: &str,
    ) -> Result<Position, ServiceError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| ServiceError::BadContinuation)?;
        let (mac, position) = bytes
            .split_at_checked(MAC_BYTES)
            .ok_or(ServiceError::BadContinuation)?;
        let key = self.key(items).await?;
        key.mac(list, position)
            .verify_slice(mac)
            .map_err(|_| ServiceError::BadContinuation)?;
        serde_json::from_slice(position).map_err(|_| ServiceError::BadContinuation)
    }

    async fn key(&self, items: &Items) -> Result<&TokenKey, StorageError> {
        self.0
            .get_or_try_init(async || {
                if let Some(key) = items.read_global(KEY_ID).await? {
                    return Ok(key.item);
                }
                match items.create_global(TokenKey::generate()).await {
                    // Another instance was first: its key is the one.
                    Err(StorageError::AlreadyExists) => {
                        let key = items.read_global(KEY_ID).await?;
                        Ok(key.ok_or(StorageError::NotFound)?.item)
                    }
                    created => Ok(created?.item),
                }
            })
            .await
    }
}

impl TokenKey {
    fn generate() -> Self {
        // Two version 4 UUIDs: 244 bits from the system's generator.
        let random = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        Self {
            id: KEY_ID.to_owned(),
            partition_key: GLOBAL_PARTITION.to_owned(),
            doc_type: DocType::default(),
            key: random.map(|part| part.simple().to_string()).concat(),
        }
    }

    fn mac(&self, list: &impl Serialize, position: &[u8]) -> Hmac<Sha256> {
        let list = serde_json::to_vec(list).unwrap_or_default();
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::new_from_slice(self.key.as_bytes()).expect("a key of any length");
        mac.update(&(list.len() as u64).to_le_bytes());
        mac.update(&list);
        mac.update(position);
        mac
    }
}

impl Item for TokenKey {
    const DOC_TYPE: &'static str = "continuationKey";

    fn id(&self) -> String {
        self.id.clone()
    }
}

impl GlobalItem for TokenKey {
    const PARTITION: &'static str = GLOBAL_PARTITION;
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey").finish_non_exhaustive()
    }
}
