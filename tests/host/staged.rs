//! The app as it is deployed, staged in a folder of its own.

use cosmos_emulator::Emulator;
use functions_host::Host;
use reqwest::{Method, RequestBuilder};
use std::path::Path;
use tempfile::TempDir;

/// A host that runs the staged app on an emulated Cosmos DB.
pub(crate) struct Staged {
    pub(crate) host: Host,
    pub(crate) emulator: Emulator,
    _folder: TempDir,
}

/// `dist/app`, somewhere else.
pub(crate) fn folder() -> TempDir {
    // For the clients of tests.
    custom_handler::tls::install();
    let folder = tempfile::tempdir().unwrap();
    let handler = Path::new(env!("CARGO_BIN_EXE_handler"));
    xtask::stage::stage(xtask::root(), handler, &app(&folder)).unwrap();
    folder
}

pub(crate) fn app(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("app")
}

/// The settings of an app on the emulator at this URL.
pub(crate) fn settings(emulator: &str) -> [(&str, &str); 5] {
    [
        ("COSMOS_ENDPOINT", emulator),
        ("COSMOS_DATABASE_NAME", "app"),
        ("COSMOS_CONTAINER_ID", "items"),
        ("COSMOS_KEY", "bG9jYWw="),
        ("AUTH_MODE", "dev"),
    ]
}

impl Staged {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        let (folder, emulator) = (folder(), Emulator::start().await.unwrap());
        let url = emulator.url();
        let settings = [&settings(&url), more].concat();
        Self {
            host: Host::start(&app(&folder), &settings).await.unwrap(),
            emulator,
            _folder: folder,
        }
    }

    /// A request of `ada` to the host.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        reqwest::Client::new()
            .request(method, format!("{}{path}", self.host.url()))
            .header("x-dev-user", "ada")
    }
}
