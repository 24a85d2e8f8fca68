//! Idempotency keys: the first answer to a `POST`, kept for its repeats.

use super::item::{DocType, Item};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Display;

/// How long an answer is kept, in seconds: 24 hours.
const KEPT: u32 = 24 * 60 * 60;
const MAX_LENGTH: usize = 255;

/// A key with what came under it.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: String,
    fingerprint: String,
}

impl IdempotencyKey {
    /// Returns the key, or what is wrong with it. `route` and `body` are what it is good for.
    ///
    /// # Errors
    /// A detail for the caller if the key is not 1 to 255 visible ASCII characters.
    pub fn new(key: &str, route: &str, body: &Value) -> Result<Self, String> {
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > MAX_LENGTH || !visible {
            return Err(format!(
                "must have 1 to {MAX_LENGTH} visible ASCII characters"
            ));
        }
        Ok(Self::with(key.to_owned(), route, body))
    }

    /// For a request without a key that the host may repeat. No caller's key has a space in it.
    pub fn of_invocation(id: &str, route: &str, body: &Value) -> Self {
        Self::with(format!("invocation {id}"), route, body)
    }

    /// `Value` orders its fields, so that the same JSON written otherwise is the same.
    fn with(key: String, route: &str, body: &Value) -> Self {
        Self {
            key,
            fingerprint: hex(&format!("{route}\n{body}")),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// Where a partition keeps the answer to this caller's key.
    pub fn slot(&self, caller: &str, partition: impl Display) -> RecordSlot {
        let name = format!("{caller}\0{}", self.key);
        RecordSlot {
            id: format!("idempotency:{}", hex(&name)),
            partition: partition.to_string(),
            fingerprint: self.fingerprint.clone(),
        }
    }
}

/// Where the answer to a key is kept, and what it must be the answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSlot {
    /// The id of the record.
    pub id: String,
    /// The partition key of the record.
    pub partition: String,
    /// A hash of the route and the body that the key came with.
    pub fingerprint: String,
}

/// The first answer. It expires by Cosmos DB's time to live (`ttl`, in seconds), and is never written again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyRecord {
    id: String,
    doc_type: DocType<Self>,
    fingerprint: String,
    answer: Value,
    ttl: u32,
}

impl IdempotencyRecord {
    /// The first answer, when this is a repeat of its request; `None` when it is another one.
    pub fn answer_to(self, slot: &RecordSlot) -> Option<Value> {
        (self.fingerprint == slot.fingerprint).then_some(self.answer)
    }
}

impl RecordSlot {
    /// The record with its answer.
    pub fn filled(&self, answer: &impl Serialize) -> IdempotencyRecord {
        IdempotencyRecord {
            id: self.id.clone(),
            doc_type: DocType::default(),
            fingerprint: self.fingerprint.clone(),
            answer: serde_json::to_value(answer).unwrap_or_default(),
            ttl: KEPT,
        }
    }
}

impl Item for IdempotencyRecord {
    const DOC_TYPE: &'static str = "idempotencyRecord";

    fn id(&self) -> String {
        self.id.clone()
    }
}

fn hex(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}
