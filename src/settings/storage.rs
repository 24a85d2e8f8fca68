//! Where the container is, and the credential for it.

use super::Reader;
use azure_core::credentials::Secret;
use url::{Host, Url};

#[derive(Debug)]
pub enum StorageSettings {
    Configured(CosmosSettings),
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
    ManagedIdentity { client_id: Option<String> },
    DeveloperTools,
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
                StorageSettings::Configured(CosmosSettings {
                    endpoint,
                    database,
                    container,
                    credential,
                    region: self.value("REGION_NAME"),
                })
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
        let managed_identity = CredentialSettings::ManagedIdentity {
            client_id: self.value("AZURE_CLIENT_ID"),
        };
        match self.value("AZURE_TOKEN_CREDENTIALS").as_deref() {
            // IDENTITY_ENDPOINT is where App Service and Functions offer tokens for an app's identity.
            None if self.value("IDENTITY_ENDPOINT").is_some() => Some(managed_identity),
            Some("prod" | "ManagedIdentityCredential") => Some(managed_identity),
            Some("dev" | "DeveloperToolsCredential") | None => {
                Some(CredentialSettings::DeveloperTools)
            }
            Some(_) => {
                self.problem(
                    "AZURE_TOKEN_CREDENTIALS",
                    "`prod`, `dev`, `ManagedIdentityCredential` or `DeveloperToolsCredential`",
                );
                None
            }
        }
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
