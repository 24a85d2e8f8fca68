//! Which request wrote something, so that a write whose answer was lost can be recognised.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Names the request that wrote an item. A repeat of the request has the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WriteId(Uuid);

impl WriteId {
    /// For a request that nobody can tell from another.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// For a request that its caller, or the host, gave a name.
    pub fn of(caller: &str, name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(caller);
        hash.update([0]);
        hash.update(name);
        Self::from_hash(&hash.finalize())
    }

    /// A UUID of version 8, which leaves its content to us (RFC 9562).
    pub fn uuid(self) -> Uuid {
        self.0
    }

    fn from_hash(hash: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(Uuid::new_v8(bytes))
    }
}
