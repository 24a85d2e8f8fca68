//! The container as it is, to be compared with what it should be.

use super::client::{self, cannot_open};
use super::container::OPEN_TIMEOUT;
use super::error::{DATABASE_NOT_FOUND, StorageError};
use super::health::read_an_item;
use crate::settings::CosmosSettings;
use azure_data_cosmos::{ContainerClient, CosmosError};
use serde_json::Value;

/// The sub-status of a 404 for what is missing one level higher; the SDK calls it `OWNER_RESOURCE_NOT_FOUND`.
const OWNER_NOT_FOUND: u16 = 1_003;

/// A container whose definition could be read.
#[derive(Debug)]
pub struct Found {
    /// What the service says of it, in JSON.
    pub definition: Value,
    /// Whether its items can be read as well.
    pub items: Result<(), StorageError>,
}

/// Reads the container's definition, and an item that is not there. It is given up after the time that
/// opening the container takes at most.
///
/// # Errors
/// A failure to connect, or to read the definition.
pub async fn read(settings: &CosmosSettings) -> Result<Found, StorageError> {
    let read = tokio::time::timeout(OPEN_TIMEOUT, find(settings)).await;
    read.unwrap_or_else(|_elapsed| Err(StorageError::unreachable("timed out", None)))
}

async fn find(settings: &CosmosSettings) -> Result<Found, StorageError> {
    let client = client::client(settings).await?;
    let database = client.database_client(settings.database.clone());
    let opened = database.container_client(settings.container.clone(), None);
    let container = opened.await.map_err(missing)?;
    Ok(Found {
        definition: definition(&container).await.map_err(cannot_open)?,
        items: read_an_item(&container).await,
    })
}

/// What is missing may be what should hold the container.
fn missing(error: CosmosError) -> StorageError {
    let sub_status = error.status().sub_status().map(|sub| sub.value());
    if sub_status == Some(OWNER_NOT_FOUND) {
        return StorageError::unreachable(DATABASE_NOT_FOUND, Some(error.into()));
    }
    cannot_open(error)
}

/// As the service sends it: the SDK's types fill in what is not there.
async fn definition(container: &ContainerClient) -> Result<Value, CosmosError> {
    container.read(None).await?.into_body().into_single()
}
