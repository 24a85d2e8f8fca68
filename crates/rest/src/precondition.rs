//! What a caller said about the versions a request is meant for (RFC 9110, section 13).

use cosmos_store::etag::ETag;
use headers::{IfMatch, IfNoneMatch};

/// The caller's precondition does not hold for the latest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the precondition failed")]
pub struct PreconditionFailed;

/// The conditions of a request. `If-Match` compares strongly, `If-None-Match` weakly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Precondition {
    pub(crate) if_match: Option<IfMatch>,
    pub(crate) if_none_match: Option<IfNoneMatch>,
}

impl Precondition {
    /// The condition that the latest version is `version`, an `ETag` or `*`.
    pub fn on(version: &str) -> Self {
        let tag = version.parse::<headers::ETag>();
        Self {
            if_match: Some(tag.map_or_else(|_any| IfMatch::any(), IfMatch::from)),
            if_none_match: None,
        }
    }

    /// As [`Precondition::check`], for a resource that may not exist yet.
    ///
    /// # Errors
    /// [`PreconditionFailed`] also if `If-Match` is given and there is no resource.
    pub fn check_if_any(&self, latest: Option<&ETag>) -> Result<(), PreconditionFailed> {
        match latest {
            Some(latest) => self.check(latest),
            None if self.if_match.is_none() => Ok(()),
            None => Err(PreconditionFailed),
        }
    }

    /// Checks that the caller means a change of `latest`.
    ///
    /// # Errors
    /// [`PreconditionFailed`] if `If-Match` does not name it, or `If-None-Match` does.
    pub fn check(&self, latest: &ETag) -> Result<(), PreconditionFailed> {
        self.check_match(latest)?;
        if self.has(latest) {
            return Err(PreconditionFailed);
        }
        Ok(())
    }

    /// Errors when `If-Match` does not name `latest`: the first condition to look at, for reads, too.
    pub(crate) fn check_match(&self, latest: &ETag) -> Result<(), PreconditionFailed> {
        let matches = |wanted: &IfMatch| {
            let latest = latest.as_str().parse();
            *wanted == IfMatch::any() || latest.is_ok_and(|tag| wanted.precondition_passes(&tag))
        };
        if self.if_match.as_ref().is_none_or(matches) {
            Ok(())
        } else {
            Err(PreconditionFailed)
        }
    }

    /// Whether `If-None-Match` names `latest`: the caller has this version, or wants none to exist.
    pub(crate) fn has(&self, latest: &ETag) -> bool {
        let names = |known: &IfNoneMatch| {
            let latest = latest.as_str().parse();
            *known == IfNoneMatch::any() || latest.is_ok_and(|tag| !known.precondition_passes(&tag))
        };
        self.if_none_match.as_ref().is_some_and(names)
    }
}
