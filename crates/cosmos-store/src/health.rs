//! Whether storage works, as far as is known, and finding out when that is not enough.

use super::container::SharedContainer;
use super::error::StorageError;
use azure_data_cosmos::ContainerClient;
use std::time::{Duration, Instant};

/// How long the health of storage is waited for.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// What is known of storage holds for this long.
const KNOWN_FOR: Duration = Duration::from_secs(5);
const SLOW: &str = "timed out";

impl SharedContainer {
    /// Whether storage works: `Err` has the class of what does not.
    ///
    /// After a failure, and when nothing was heard from storage for a while, an item is read, so that the answer
    /// is about now, and about the right to read items too. That there is no such item is the expected answer.
    ///
    /// # Errors
    /// The failure to open the container, or to read from it.
    pub async fn check(&self) -> Result<(), StorageError> {
        let asked = Instant::now();
        let container = tokio::time::timeout(CHECK_TIMEOUT, self.get()).await;
        let container = container.map_err(|_elapsed| StorageError::unreachable(SLOW, None))??;
        if self.is_known_to_work() {
            return Ok(());
        }
        // However many ask, one looks; what it finds is the answer to all who waited.
        let mut last = self.0.knowledge.last_look.lock().await;
        if self.is_known_to_work() {
            return Ok(());
        }
        if let Some((looked, found)) = &*last
            && *looked >= asked
        {
            return found.clone();
        }
        let looked = Instant::now();
        let found = self.look(&container).await;
        *last = Some((looked, found.clone()));
        found
    }

    fn is_known_to_work(&self) -> bool {
        self.0.failure.borrow().is_none() && self.0.knowledge.age() < KNOWN_FOR
    }

    async fn look(&self, container: &ContainerClient) -> Result<(), StorageError> {
        let checked = tokio::time::timeout(CHECK_TIMEOUT, read_an_item(container)).await;
        let checked = checked.unwrap_or_else(|_elapsed| Err(StorageError::unreachable(SLOW, None)));
        self.note(checked.as_ref().err());
        checked
    }

    /// Remembers how the last operation went, for [`SharedContainer::check`].
    pub(super) fn note(&self, error: Option<&StorageError>) {
        if error.is_some_and(StorageError::is_container_gone) {
            self.reopen();
        } else if error.is_none() {
            self.0.knowledge.session_is_found();
        } else if error.is_some_and(StorageError::is_session_lost) {
            self.0.knowledge.session_is_lost();
            let shared = self.clone();
            tokio::spawn(async move { shared.reopen_if_replaced().await });
        }
        self.0.knowledge.renew();
        let class = error.and_then(StorageError::failure_class);
        if *self.0.failure.borrow() != class {
            self.0.failure.send_replace(class);
        }
    }
}

/// Reads an item that is not there, which shows whether items can be read.
pub(super) async fn read_an_item(container: &ContainerClient) -> Result<(), StorageError> {
    let read = container.read_item("global", "health", None).await;
    match read.map(drop).map_err(StorageError::from) {
        Err(StorageError::NotFound) => Ok(()),
        read => read,
    }
}
