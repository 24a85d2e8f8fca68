//! Changing an item that others change, too.

use super::error::StorageError;
use super::etag::{ETag, Versioned};
use super::item::Item;
use super::items::Items;
use super::scope::WriteScope;
use super::write::WriteId;
use std::time::Duration;

/// Attempts at a change that others keep getting ahead of.
const MAX_ATTEMPTS: u32 = 24;
/// The pause before an attempt is random and up to this long; the first ones are shorter.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// An item that says which request wrote its latest version.
pub trait Revised: Item {
    /// The request that wrote this version.
    fn revision(&self) -> WriteId;
}

/// What becomes of an item.
#[derive(Debug)]
pub enum Decision<T> {
    /// It stays as it is.
    Keep(Versioned<T>),
    /// It becomes this; if there was none, it is created.
    Write(T),
}

/// Others kept changing the item while this request tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the item keeps changing")]
pub struct Contended;

impl Items {
    /// Changes an item as `decide` says of its latest version, and again if somebody else was faster. Returns the item
    /// as it is now, and whether this call created it.
    ///
    /// A version that `write` names was written by this very request, when it was sent before or when its
    /// answer was lost: it is returned as it is. `decide` is asked again for every version it has not seen, so
    /// it is the place to check rights and preconditions.
    ///
    /// # Errors
    /// What `decide` refuses; [`Contended`] if others keep changing the item; any other failure of storage.
    pub async fn change<T, E>(
        &self,
        scope: &impl WriteScope,
        id: &str,
        write: WriteId,
        mut decide: impl FnMut(Option<Versioned<T>>) -> Result<Decision<T>, E>,
    ) -> Result<(Versioned<T>, bool), E>
    where
        T: Revised + Clone,
        E: From<StorageError> + From<Contended>,
    {
        let mut attempts = Attempts::default();
        while attempts.next().await {
            let latest = self.read::<T>(scope, id).await?;
            if let Some(own) = latest
                .as_ref()
                .filter(|latest| latest.item.revision() == write)
            {
                return Ok((own.clone(), false));
            }
            let etag = latest.as_ref().map(|latest| latest.etag.clone());
            let item = match decide(latest)? {
                Decision::Keep(latest) => return Ok((latest, false)),
                Decision::Write(item) => item,
            };
            let written = match &etag {
                Some(etag) => self.replace(scope, item, etag).await,
                None => self.create(scope, item).await,
            };
            match written {
                Ok(latest) => return Ok((latest, etag.is_none())),
                Err(error) if error.is_overtaken() => {}
                Err(error) if error.outcome_is_unknown() => {
                    let latest = self.read::<T>(scope, id).await?;
                    let own = latest.filter(|latest| latest.item.revision() == write);
                    return Ok((own.ok_or(error)?, etag.is_none()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Contended.into())
    }

    /// Deletes the item that `decide` allows to be deleted in its latest version, and tries again if somebody else
    /// changed it meanwhile.
    ///
    /// # Errors
    /// What `decide` refuses; it decides about `None`, too, if there is no such item to begin with. [`Contended`] if
    /// others keep changing the item; any other failure of storage.
    pub async fn remove<T, E>(
        &self,
        scope: &impl WriteScope,
        id: &str,
        mut decide: impl FnMut(Option<Versioned<T>>) -> Result<ETag, E>,
    ) -> Result<(), E>
    where
        T: Item,
        E: From<StorageError> + From<Contended>,
    {
        let mut attempts = Attempts::default();
        while attempts.next().await {
            let etag = decide(self.read::<T>(scope, id).await?)?;
            match self.delete(scope, id, Some(&etag)).await {
                // Somebody deleted it between the look and the deletion; it may have been this very request.
                Ok(()) | Err(StorageError::NotFound) => return Ok(()),
                Err(StorageError::Changed) => {}
                Err(error) if error.outcome_is_unknown() => {
                    return match self.read::<T>(scope, id).await? {
                        None => Ok(()),
                        Some(_) => Err(error.into()),
                    };
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Contended.into())
    }
}

/// Counts attempts, with a pause between them that lets others get done.
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Whether to try (again); waits before it says so.
    pub async fn next(&mut self) -> bool {
        if self.0 > 0 {
            let longest = Duration::from_millis(4 << self.0.min(8)).min(LONGEST_PAUSE);
            tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        }
        self.0 += 1;
        self.0 <= MAX_ATTEMPTS
    }
}
