//! The settings by name, for `handler --help`.

use std::iter;

/// One environment variable the handler reads.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub about: &'static str,
    /// Set by Azure or the Functions host, and by nobody else.
    pub by_azure: bool,
}

const fn setting(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        default,
        about,
        by_azure: false,
    }
}

const fn set_by_azure(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        by_azure: true,
        ..setting(name, default, about)
    }
}

/// Every environment variable the handler reads, as `handler --help` lists them.
pub const SETTINGS: &[Setting] = &[
    setting(
        "COSMOS_ENDPOINT",
        "",
        "URL of the Cosmos DB account: https://…, or http:// on loopback. Needed for storage",
    ),
    setting(
        "COSMOS_DATABASE_NAME",
        "",
        "Database in that account. Needed for storage",
    ),
    setting(
        "COSMOS_CONTAINER_ID",
        "",
        "Container in that database. Needed for storage",
    ),
    setting(
        "COSMOS_KEY",
        "",
        "Account key, for an emulator on loopback only; without it Entra ID is used",
    ),
    setting(
        "AZURE_COSMOS_BINARY_ENCODING_ENABLED",
        "",
        "Whether items travel in the SDK's binary form of JSON: `true` or `false`; unset: yes, but not on loopback, where an emulator may not know it",
    ),
    setting(
        "AZURE_TOKEN_CREDENTIALS",
        "",
        "Entra credential: `prod` (workload identity, managed identity), `dev` (Azure CLI, Azure Developer CLI), or one of `WorkloadIdentityCredential`, `ManagedIdentityCredential`, `AzureCliCredential`, `AzureDeveloperCliCredential`; unset: `prod`, then `dev`",
    ),
    setting(
        "AZURE_CLIENT_ID",
        "",
        "Client id of a user-assigned managed identity; unset: the system-assigned one",
    ),
    setting(
        "COSMOS_DISABLE_IMDS",
        "",
        "Set to anything: the virtual machine's metadata service is not asked for an id to put into diagnostics. Where nobody answers there, opening the container would wait for it",
    ),
    set_by_azure(
        "REGION_NAME",
        "",
        "Azure region this runs in (set by the platform): nearer Cosmos DB regions are used first",
    ),
    setting(
        "AUTH_MODE",
        "",
        "How callers are known: `easy-auth` (App Service Authentication), `jwt` (Entra access tokens) or `dev` (the x-dev-user header; only with a loopback Cosmos endpoint or none); unset: protected routes answer 401",
    ),
    setting(
        "AUTH_ISSUER",
        "",
        "With `jwt`: the issuer of tokens, as they have it in `iss`",
    ),
    setting(
        "AUTH_AUDIENCE",
        "",
        "With `jwt`: the audience of tokens, as they have it in `aud`; several with commas between them",
    ),
    setting(
        "AUTH_TENANT_ID",
        "",
        "With `jwt`: the only tenant whose tokens are taken (`tid`, a GUID); several with commas between them; unset: those of the issuer",
    ),
    setting(
        "AUTH_METADATA_URL",
        "",
        "With `jwt`: the issuer's discovery document, where it is not below AUTH_ISSUER, as with Azure AD B2C",
    ),
    setting(
        "AUTH_REQUIRED_SCOPE",
        "",
        "The scope (`scp`) that callers must have, or one of AUTH_REQUIRED_ROLES; unset: any",
    ),
    setting(
        "AUTH_REQUIRED_ROLES",
        "",
        "The app roles (`roles`) of which callers must have one, or AUTH_REQUIRED_SCOPE; several with commas between them; unset: any",
    ),
    set_by_azure(
        "WEBSITE_AUTH_ENABLED",
        "",
        "Whether App Service Authentication is on (set by the platform); `easy-auth` needs it",
    ),
    setting(
        "REQUEST_TIMEOUT_SECONDS",
        "30",
        "Deadline of one request, 1 to 220: the host gives up after 240",
    ),
    set_by_azure(
        "FUNCTIONS_CUSTOMHANDLER_PORT",
        "7071",
        "Port to listen on, on loopback (set by the Functions host); 0: any free one",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "Where traces and metrics go (OTLP over HTTP), such as http://127.0.0.1:4318; unset: nowhere",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "",
        "Headers for that endpoint: name=value, several with commas between them",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http/protobuf",
        "The protocol to speak; there is only this one",
    ),
    setting(
        "OTEL_SERVICE_NAME",
        "cosmos-functions",
        "What the traces and metrics are said to be of",
    ),
    setting(
        "OTEL_METRIC_EXPORT_INTERVAL",
        "5000",
        "Milliseconds between two exports of metrics, 100 to 3600000",
    ),
    setting(
        "RUST_LOG",
        "info",
        "Log filter, for example `warn` or `info,rest=debug`",
    ),
];

/// The settings as `handler --help` lists them.
#[must_use]
pub fn help() -> String {
    let lines = SETTINGS.iter().map(|setting| {
        let default = match setting.default {
            "" => String::new(),
            value => format!(" [default: {value}]"),
        };
        format!("  {}{default}\n          {}\n", setting.name, setting.about)
    });
    iter::once("Settings (environment variables):\n".to_owned())
        .chain(lines)
        .collect()
}
