//! The credential for the account: Entra ID anywhere, a key on loopback.

use crate::settings::{CosmosSettings, CredentialSettings};
use azure_data_cosmos::{AccountEndpoint, AccountReference};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

/// Returns the account with its credential. Nothing is sent yet.
pub(super) fn account(settings: &CosmosSettings) -> azure_core::Result<AccountReference> {
    let endpoint = AccountEndpoint::from(settings.endpoint.clone());
    Ok(match &settings.credential {
        CredentialSettings::Key(key) => {
            AccountReference::with_authentication_key(endpoint, key.clone())
        }
        CredentialSettings::ManagedIdentity { client_id } => {
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                ..Default::default()
            };
            AccountReference::with_credential(
                endpoint,
                ManagedIdentityCredential::new(Some(options))?,
            )
        }
        CredentialSettings::DeveloperTools => {
            AccountReference::with_credential(endpoint, DeveloperToolsCredential::new(None)?)
        }
    })
}
