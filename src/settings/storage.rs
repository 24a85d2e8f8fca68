//! Where the container is, and the credential for it.

use super::Reader;
use azure_core::credentials::Secret;
use url::{Host, Url};

#[derive(Debug)]
pub enum StorageSettings {
    Configured(Box<CosmosSettings>),
    /// At least one of the three settings is missing.
    NotConfigured,
    /// A setting is there but cannot be used.
    Misconfigured,
}

/// Where the container is and how to reach it.
#[derive(Debug, Clone)]
pub struct CosmosSettings {
    pub endpoint: Url,
    pub database: String,
    pub container: String,
    pub credential: CredentialSettings,
    pub region: Option<String>,
}

#[derive(Debug, Clone)]
pub enum CredentialSettings {
    Key(Secret),
    Entra {
        try_in_order: Vec<EntraCredential>,
        /// Of a user-assigned managed identity, or of the application of a workload identity.
        client_id: Option<String>,
    },
}

/// A way to get an Entra token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntraCredential {
    WorkloadIdentity,
    ManagedIdentity {
        /// Whether the platform offers one: App Service and Functions set `IDENTITY_ENDPOINT`.
        offered: bool,
    },
    AzureCli,
    AzureDeveloperCli,
}

impl EntraCredential {
    /// As `AZURE_TOKEN_CREDENTIALS` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkloadIdentity => "WorkloadIdentityCredential",
            Self::ManagedIdentity { .. } => "ManagedIdentityCredential",
            Self::AzureCli => "AzureCliCredential",
            Self::AzureDeveloperCli => "AzureDeveloperCliCredential",
        }
    }
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub(super) fn storage(&mut self) -> StorageSettings {
        let endpoint = self.needed("COSMOS_ENDPOINT");
        let database = self.needed("COSMOS_DATABASE_NAME");
        let container = self.needed("COSMOS_CONTAINER_ID");
        let endpoint = endpoint.map(|url| self.endpoint(&url));
        let loopback = matches!(&endpoint, Some(Some(url)) if is_loopback(url));
        let credential = self.credential(loopback);
        match (endpoint, database, container, credential) {
            (Some(Some(endpoint)), Some(database), Some(container), Some(credential)) => {
                StorageSettings::Configured(Box::new(CosmosSettings {
                    endpoint,
                    database,
                    container,
                    credential,
                    region: self.value("REGION_NAME"),
                }))
            }
            (Some(_), Some(_), Some(_), _) => StorageSettings::Misconfigured,
            _ => StorageSettings::NotConfigured,
        }
    }

    fn endpoint(&mut self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| {
            url.has_host()
                && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
        });
        if url.is_none() {
            self.problem(
                "COSMOS_ENDPOINT",
                "an https:// URL such as https://my-account.documents.azure.com, or an http:// URL on loopback",
            );
        }
        url
    }

    pub(super) fn endpoint_is_loopback_or_missing(&self) -> bool {
        self.value("COSMOS_ENDPOINT")
            .is_none_or(|text| Url::parse(&text).is_ok_and(|url| is_loopback(&url)))
    }

    fn credential(&mut self, loopback: bool) -> Option<CredentialSettings> {
        if let Some(key) = self.value("COSMOS_KEY") {
            if loopback {
                return Some(CredentialSettings::Key(key.into()));
            }
            self.problems.push(
                "COSMOS_KEY is refused: a key is only for an emulator on loopback; remove it to use Entra ID"
                    .to_owned(),
            );
            return None;
        }
        Some(CredentialSettings::Entra {
            try_in_order: self.token_credentials()?,
            client_id: self.value("AZURE_CLIENT_ID"),
        })
    }

    /// The meanings of `AZURE_TOKEN_CREDENTIALS` in the Azure SDKs, as far as this process can use them:
    /// <https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains>
    fn token_credentials(&mut self) -> Option<Vec<EntraCredential>> {
        use EntraCredential::{AzureCli, AzureDeveloperCli, ManagedIdentity, WorkloadIdentity};
        let managed_identity = ManagedIdentity {
            offered: self.value("IDENTITY_ENDPOINT").is_some(),
        };
        let chosen = self.value("AZURE_TOKEN_CREDENTIALS");
        Some(match chosen.map(|name| name.to_lowercase()).as_deref() {
            None => vec![
                WorkloadIdentity,
                managed_identity,
                AzureCli,
                AzureDeveloperCli,
            ],
            Some("prod") => vec![WorkloadIdentity, managed_identity],
            Some("dev") => vec![AzureCli, AzureDeveloperCli],
            Some("workloadidentitycredential") => vec![WorkloadIdentity],
            Some("managedidentitycredential") => vec![managed_identity],
            Some("azureclicredential") => vec![AzureCli],
            Some("azuredeveloperclicredential") => vec![AzureDeveloperCli],
            Some(_) => {
                self.problem(
                    "AZURE_TOKEN_CREDENTIALS",
                    "`prod`, `dev`, `WorkloadIdentityCredential`, `ManagedIdentityCredential`, `AzureCliCredential` or `AzureDeveloperCliCredential`",
                );
                return None;
            }
        })
    }
}

/// Whether the URL's host is this machine, by name or by address.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
