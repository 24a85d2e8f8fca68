//! Where the container is, and the credential for it.

use azure_core::credentials::Secret;
use custom_handler::settings::Reader;
use url::{Host, Url};

const BINARY_ENCODING: &str = "AZURE_COSMOS_BINARY_ENCODING_ENABLED";

/// Settings of storage, as far as they can be used.
#[derive(Debug)]
pub enum StorageSettings {
    /// Every setting that is needed is there.
    Configured(Box<CosmosSettings>),
    /// At least one of the three settings is missing.
    NotConfigured,
    /// A setting is there but cannot be used.
    Misconfigured,
}

/// Where the container is and how to reach it.
#[derive(Debug, Clone)]
pub struct CosmosSettings {
    /// The URL of the account.
    pub endpoint: Url,
    /// The name of the database.
    pub database: String,
    /// The name of the container.
    pub container: String,
    /// The credential of requests.
    pub credential: CredentialSettings,
    /// Whether items travel as text alone, and not in the SDK's binary form of JSON. Microsoft's emulator (vNext) takes
    /// text alone, so it is the default on loopback.
    pub(crate) text_only: bool,
    pub(crate) region: Option<String>,
}

/// The credential for requests to the account.
#[derive(Debug, Clone)]
pub enum CredentialSettings {
    /// A key of the account, for emulators on loopback alone.
    Key(Secret),
    /// Entra tokens.
    Entra {
        /// Credentials; the first that gives a token is used from then on.
        try_in_order: Vec<EntraCredential>,
        /// Of a user-assigned managed identity, or of the application of a workload identity.
        client_id: Option<String>,
    },
}

/// A way to get an Entra token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntraCredential {
    /// The token that Kubernetes mounts into the pod.
    WorkloadIdentity,
    /// The managed identity of the machine or the app.
    ManagedIdentity {
        /// Whether the platform offers one: App Service and Functions set `IDENTITY_ENDPOINT`.
        offered: bool,
    },
    /// The account of `az login`.
    AzureCli,
    /// The account of `azd auth login`.
    AzureDeveloperCli,
}

impl EntraCredential {
    /// As `AZURE_TOKEN_CREDENTIALS` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkloadIdentity => "WorkloadIdentityCredential",
            Self::ManagedIdentity { .. } => "ManagedIdentityCredential",
            Self::AzureCli => "AzureCliCredential",
            Self::AzureDeveloperCli => "AzureDeveloperCliCredential",
        }
    }
}

impl StorageSettings {
    /// Reads the settings of storage; `reader` keeps what is missing or wrong.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let endpoint = reader.needed("COSMOS_ENDPOINT");
        let database = reader.needed("COSMOS_DATABASE_NAME");
        let container = reader.needed("COSMOS_CONTAINER_ID");
        let endpoint = endpoint.map(|url| read_endpoint(reader, &url));
        let loopback = matches!(&endpoint, Some(Some(url)) if is_loopback(url));
        let credential = credential(reader, loopback);
        match (endpoint, database, container, credential) {
            (Some(Some(endpoint)), Some(database), Some(container), Some(credential)) => {
                Self::Configured(Box::new(CosmosSettings {
                    endpoint,
                    database,
                    container,
                    credential,
                    // The SDK reads the setting itself.
                    text_only: loopback && reader.value(BINARY_ENCODING).is_none(),
                    region: reader.value("REGION_NAME"),
                }))
            }
            (Some(_), Some(_), Some(_), _) => Self::Misconfigured,
            _ => Self::NotConfigured,
        }
    }
}

fn read_endpoint(reader: &mut Reader<'_>, text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| {
        url.has_host() && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
    });
    url.or_else(|| {
        reader.must_be(
            "COSMOS_ENDPOINT",
            "an https:// URL such as https://my-account.documents.azure.com, or an http:// URL on loopback",
        )
    })
}

/// Whether nothing can reach a remote account: `COSMOS_ENDPOINT` is on loopback or not set.
pub fn endpoint_is_loopback_or_missing(reader: &Reader<'_>) -> bool {
    reader
        .value("COSMOS_ENDPOINT")
        .is_none_or(|text| Url::parse(&text).is_ok_and(|url| is_loopback(&url)))
}

fn credential(reader: &mut Reader<'_>, loopback: bool) -> Option<CredentialSettings> {
    if let Some(key) = reader.value("COSMOS_KEY") {
        if loopback {
            return Some(CredentialSettings::Key(key.into()));
        }
        return reader.refuse(
            "COSMOS_KEY is refused: a key is only for an emulator on loopback; remove it to use Entra ID",
        );
    }
    Some(CredentialSettings::Entra {
        try_in_order: token_credentials(reader)?,
        client_id: reader.value("AZURE_CLIENT_ID"),
    })
}

/// The meanings of `AZURE_TOKEN_CREDENTIALS` in the Azure SDKs, as far as this process can use them:
/// <https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains>
fn token_credentials(reader: &mut Reader<'_>) -> Option<Vec<EntraCredential>> {
    use EntraCredential::{AzureCli, AzureDeveloperCli, ManagedIdentity, WorkloadIdentity};
    let managed_identity = ManagedIdentity {
        offered: reader.value("IDENTITY_ENDPOINT").is_some(),
    };
    let chosen = reader.value("AZURE_TOKEN_CREDENTIALS");
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
            return reader.must_be(
                "AZURE_TOKEN_CREDENTIALS",
                "`prod`, `dev`, `WorkloadIdentityCredential`, `ManagedIdentityCredential`, `AzureCliCredential` or `AzureDeveloperCliCredential`",
            );
        }
    })
}

/// Whether the URL's host is this machine, by name or by address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
