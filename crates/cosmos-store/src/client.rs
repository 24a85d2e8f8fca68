//! Connecting to the account.

use super::credential;
use super::error::{CONTAINER_NOT_FOUND, StorageError};
use super::settings::CosmosSettings;
use azure_data_cosmos::options::{
    BinaryEncodingOptions, ConnectionPoolOptions, Region, ServerCertificateValidation,
    UserAgentSuffix,
};
use azure_data_cosmos::{
    ContainerClient, CosmosClient, CosmosError, CosmosRuntime, RoutingStrategy,
};
use custom_handler::tls;
use std::time::Duration;
use url::Url;

/// How long one attempt at an operation may take. The SDK's 6 seconds end attempts that a gateway under a burst of
/// requests is still working on, and the retries add to the burst; the request's deadline ends the operation.
const ATTEMPT: Duration = Duration::from_secs(20);
/// How long a gateway may be silent before its connection is given up, and with it every request on it. The SDK's
/// 2 seconds are short where the two share busy cores.
const PING: Duration = Duration::from_secs(10);

pub(super) async fn connect(settings: &CosmosSettings) -> Result<ContainerClient, StorageError> {
    client(settings)
        .await?
        .database_client(settings.database.clone())
        .container_client(settings.container.clone(), None)
        .await
        .map_err(cannot_open)
}

/// Whether the account's certificate is not verified: emulators sign their own.
///
/// Of the hosts on loopback, these are the ones the SDK does not verify. It would take others too, if
/// `AZURE_COSMOS_EMULATOR_HOST` said so.
pub fn takes_any_certificate(endpoint: &Url) -> bool {
    matches!(
        endpoint.host_str(),
        Some("localhost" | "127.0.0.1" | "[::1]")
    )
}

pub(super) async fn client(settings: &CosmosSettings) -> Result<CosmosClient, StorageError> {
    tls::install();
    let account = credential::account(settings)?;
    let validation = if takes_any_certificate(&settings.endpoint) {
        ServerCertificateValidation::RequiredUnlessEmulator
    } else {
        ServerCertificateValidation::Required
    };
    let pool = ConnectionPoolOptions::builder()
        .with_server_certificate_validation(validation)
        .with_max_dataplane_request_timeout(ATTEMPT)
        .with_http2_keep_alive_timeout(PING)
        .build()?;
    let runtime = CosmosRuntime::builder()
        .with_connection_pool(pool)
        .build()
        .await?;
    let routing = match &settings.region {
        Some(region) => RoutingStrategy::ProximityTo(Region::from(region.clone())),
        None => RoutingStrategy::PreferredRegions(Vec::new()),
    };
    let mut builder = CosmosClient::builder().with_runtime(runtime);
    if let Ok(suffix) = UserAgentSuffix::try_from("cosmos-functions") {
        builder = builder.with_user_agent_suffix(suffix);
    }
    if settings.text_only {
        let text = BinaryEncodingOptions::new().with_enabled(false);
        builder = builder.with_binary_encoding_options(text);
    }
    builder.build(account, routing).await.map_err(cannot_open)
}

/// While opening, "not found" is the database or the container, never an item.
pub(super) fn cannot_open(error: CosmosError) -> StorageError {
    match StorageError::from(error.clone()) {
        StorageError::NotFound => {
            StorageError::unreachable(CONTAINER_NOT_FOUND, Some(error.into()))
        }
        StorageError::Unexpected(_) => {
            StorageError::unreachable("unexpected answer", Some(error.into()))
        }
        StorageError::TimedOut { .. } => StorageError::unreachable("timed out", Some(error.into())),
        other => other,
    }
}
