//! What a caller said about the version a change is meant for.

use cosmos_store::etag::ETag;

/// The caller's precondition names a version that is not the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the precondition failed")]
pub struct PreconditionFailed;

/// The condition of a request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The change is for the latest version, whichever it is.
    None,
    /// The change is only for one of these versions. A `*` in the list is any version.
    AnyOf(Vec<String>),
    /// The change is only for a resource that does not exist yet: `If-None-Match: *`.
    Absent,
}

impl Precondition {
    /// As [`Precondition::check`], for a resource that may not exist yet.
    pub fn check_if_any(&self, latest: Option<&ETag>) -> Result<(), PreconditionFailed> {
        match (self, latest) {
            (_, Some(latest)) => self.check(latest),
            (Self::None | Self::Absent, None) => Ok(()),
            (Self::AnyOf(_), None) => Err(PreconditionFailed),
        }
    }

    /// Errors when `latest` is not a version the caller meant.
    pub fn check(&self, latest: &ETag) -> Result<(), PreconditionFailed> {
        match self {
            Self::None => Ok(()),
            Self::AnyOf(etags) if etags.iter().any(|e| e == "*" || e == latest.as_str()) => Ok(()),
            Self::AnyOf(_) | Self::Absent => Err(PreconditionFailed),
        }
    }
}
