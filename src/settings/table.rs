//! The settings by name, for `handler --help`.

use std::iter;

/// One environment variable the handler reads.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub about: &'static str,
}

/// Every environment variable the handler reads, as `handler --help` lists them.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "COSMOS_ENDPOINT",
        default: "",
        about: "URL of the Cosmos DB account: https://…, or http:// on loopback. Needed for storage",
    },
    Setting {
        name: "COSMOS_DATABASE_NAME",
        default: "",
        about: "Database in that account. Needed for storage",
    },
    Setting {
        name: "COSMOS_CONTAINER_ID",
        default: "",
        about: "Container in that database. Needed for storage",
    },
    Setting {
        name: "COSMOS_KEY",
        default: "",
        about: "Account key, for an emulator on loopback only; without it Entra ID is used",
    },
    Setting {
        name: "AZURE_TOKEN_CREDENTIALS",
        default: "",
        about: "Entra credential: `prod` or `ManagedIdentityCredential`, `dev` or `DeveloperToolsCredential`; unset: managed identity where the platform offers one, else developer tools",
    },
    Setting {
        name: "AZURE_CLIENT_ID",
        default: "",
        about: "Client id of a user-assigned managed identity; unset: the system-assigned one",
    },
    Setting {
        name: "REGION_NAME",
        default: "",
        about: "Azure region this runs in (set by the platform): nearer Cosmos DB regions are used first",
    },
    Setting {
        name: "AUTH_MODE",
        default: "",
        about: "How callers are known: `dev` (the x-dev-user header; only with a loopback Cosmos endpoint or none); unset: protected routes answer 401",
    },
    Setting {
        name: "REQUEST_TIMEOUT_SECONDS",
        default: "30",
        about: "Deadline of one request, 1 to 220: the host gives up after 240",
    },
    Setting {
        name: "FUNCTIONS_CUSTOMHANDLER_PORT",
        default: "7071",
        about: "Port to listen on, on loopback (set by the Functions host); 0: any free one",
    },
    Setting {
        name: "RUST_LOG",
        default: "info",
        about: "Log filter, for example `warn` or `info,cosmos_functions=debug`",
    },
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
