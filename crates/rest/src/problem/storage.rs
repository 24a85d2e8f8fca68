//! Failures of storage as callers are told.

use super::Problem;
use crate::problem_type as kinds;
use cosmos_store::error::StorageError;
use std::time::Duration;

/// A wait for what only a person can mend: settings.
const RETRY_LATER: Duration = Duration::from_mins(1);

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        let detail = error.to_string();
        match &error {
            StorageError::NotConfigured => Self::new(
                &kinds::STORAGE_NOT_CONFIGURED,
                "nothing was saved; GET /api/health/ready names the settings that are missing",
            )
            .retry_after(RETRY_LATER),
            StorageError::Misconfigured => Self::new(
                &kinds::STORAGE_MISCONFIGURED,
                "GET /api/health/ready names the settings that are wrong",
            )
            .retry_after(RETRY_LATER),
            StorageError::Throttled { retry_after, .. } => {
                let wait = *retry_after;
                Self::new(&kinds::THROTTLED, detail)
                    .retry_after(wait)
                    .caused_by(error)
            }
            StorageError::Unreachable { retry_after, .. } => {
                let wait = *retry_after;
                Self::new(&kinds::STORAGE_UNAVAILABLE, detail)
                    .retry_after(wait)
                    .caused_by(error)
            }
            StorageError::TimedOut { .. } => Self::deadline_exceeded().caused_by(error),
            StorageError::TooLarge => Self::new(&kinds::BODY_TOO_LARGE, detail),
            StorageError::PartitionFull => {
                Self::new(&kinds::PARTITION_FULL, detail).caused_by(error)
            }
            StorageError::AlreadyExists => Self::new(&kinds::ALREADY_EXISTS, detail),
            // Services say what these mean for the request; here they mean nothing a caller knows.
            StorageError::NotFound
            | StorageError::Changed
            | StorageError::Refused { .. }
            | StorageError::Unexpected(_) => {
                Self::new(&kinds::INTERNAL, "the log has the cause").caused_by(error)
            }
        }
    }
}
