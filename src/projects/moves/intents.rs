//! Intents: what says that a move has begun.

use super::{INTENTS, Intent};
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use cosmos_store::items::Items;
use custom_handler::telemetry::Causes;

pub(super) async fn keep(items: &Items, intent: Intent) -> Result<(), StorageError> {
    match items.create(&INTENTS, intent).await {
        // Its id is new: it is this very write, with its answer lost on the way.
        Ok(_) | Err(StorageError::AlreadyExists) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) async fn forget(items: &Items, intent: &Intent) -> Result<(), StorageError> {
    match items.delete(&INTENTS, &intent.id(), None).await {
        Ok(()) | Err(StorageError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What is left over, the timer finds.
pub(super) async fn forget_if_possible(items: &Items, intent: Intent) {
    if let Err(error) = forget(items, &intent).await {
        tracing::warn!(error = %Causes(&error), "intent of a finished move kept");
    }
}
