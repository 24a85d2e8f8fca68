//! Who is calling.

use serde::{Deserialize, Serialize};

/// The longest caller id. Entra object ids have 36 characters.
const MAX_LENGTH: usize = 128;

/// A stable id of a person or an app: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Returns the id, or what is wrong with it.
    pub fn new(id: &str) -> Result<Self, String> {
        let visible = id.bytes().all(|byte| byte.is_ascii_graphic());
        if id.is_empty() || id.len() > MAX_LENGTH || !visible {
            return Err(format!(
                "must have 1 to {MAX_LENGTH} visible ASCII characters"
            ));
        }
        Ok(Self(id.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The signed-in caller of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub id: UserId,
}
