//! Versions of items.

use azure_data_cosmos::models::ItemResponse;

/// An item's version, as Cosmos names it: quotes included, ready for an `ETag` header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ETag(pub(super) String);

impl ETag {
    /// The version as an `ETag` header has it, with its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ETag {
    fn from(quoted: String) -> Self {
        Self(quoted)
    }
}

/// An item with the version it was read or written as.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The item.
    pub item: T,
    /// Its version.
    pub etag: ETag,
}

impl<T> Versioned<T> {
    /// The same version of what `change` makes of the item.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Versioned<U> {
        Versioned {
            item: change(self.item),
            etag: self.etag,
        }
    }
}

/// The version a response names.
pub(super) fn etag_of(response: &ItemResponse) -> ETag {
    ETag(
        response
            .headers()
            .etag()
            .map(ToString::to_string)
            .unwrap_or_default(),
    )
}
