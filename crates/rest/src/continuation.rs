//! Continuation tokens: where a list goes on.
//!
//! A token holds the position of the last item of a page, and a hash that binds it to its list. Nothing in it
//! is secret and nothing depends on it but where a page begins: the list itself is authorised for every page,
//! so a token that somebody computes pages through what its caller may see anyway. The hash is there to
//! refuse a token that was changed on the way or belongs to another list, for which its position has no
//! meaning.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const HASH_BYTES: usize = 16;

/// An opaque token, safe in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(String);

/// The token is not one of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the continuation token is not one of this list")]
pub struct BadContinuation;

/// The last item of a page: the value the list is ordered by, and the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The value the list is ordered by.
    pub(crate) value: String,
    /// The item's id.
    pub(crate) id: String,
}

impl Token {
    /// The token as it stands in a URL.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A token for going on after `position` in `list`, which is everything that makes the list this list:
    /// what it shows, for whom, with which filters, in which order.
    pub(crate) fn new(list: &impl Serialize, position: &Position) -> Self {
        let position = serde_json::to_vec(position).unwrap_or_default();
        let mut token = hash(list, &position).to_vec();
        token.extend_from_slice(&position);
        Self(URL_SAFE_NO_PAD.encode(token))
    }

    /// What is in it is nobody else's to know.
    pub(super) fn schema() -> Value {
        json!({
            "type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_-]+$",
            "description": "Where the page begins: what `nextLink` of the page before has here.",
        })
    }

    /// Returns the position in a token that was made for `list`.
    ///
    /// # Errors
    /// [`BadContinuation`] for any other token.
    pub(crate) fn open(list: &impl Serialize, token: &str) -> Result<Position, BadContinuation> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_not_base64| BadContinuation)?;
        let (expected, position) = bytes.split_at_checked(HASH_BYTES).ok_or(BadContinuation)?;
        if hash(list, position) != expected {
            return Err(BadContinuation);
        }
        serde_json::from_slice(position).map_err(|_not_json| BadContinuation)
    }
}

fn hash(list: &impl Serialize, position: &[u8]) -> [u8; HASH_BYTES] {
    let list = serde_json::to_vec(list).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update((list.len() as u64).to_le_bytes());
    hash.update(&list);
    hash.update(position);
    hash.finalize().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_list_alone() {
        let position = Position {
            value: "Plan".to_owned(),
            id: "7".to_owned(),
        };
        let token = Token::new(&("notes", "w1"), &position);
        let open = |list, token: &str| Token::open(&("notes", list), token);
        assert_eq!(open("w1", token.as_str()), Ok(position));
        assert_eq!(open("w2", token.as_str()), Err(BadContinuation));
        for at in 0..token.as_str().len() {
            let mut changed = token.as_str().to_owned();
            let other = if &changed[at..=at] == "A" { "B" } else { "A" };
            changed.replace_range(at..=at, other);
            assert_eq!(open("w1", &changed), Err(BadContinuation), "{changed}");
        }
    }
}
