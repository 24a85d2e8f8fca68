//! `dist/app.zip`, what Azure gets: what is in it, and that it runs.
//!
//! `cargo xtask package` takes minutes to make it, so these tests are not among those of `cargo test`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "../host/lifetime.rs"]
mod lifetime;

#[expect(dead_code, reason = "the tests of credentials use the rest")]
#[path = "../api/identity.rs"]
mod identity;

mod settings;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cosmos_emulator::Emulator;
use functions_host::Host;
use identity::Identity;
use lifetime::a_workspace_lives_and_dies;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::process::Command;
use tempfile::TempDir;
use xtask::package::{Architecture, pack};
use zip::ZipArchive;

fn zip() -> ZipArchive<File> {
    let zip = File::open(xtask::packaged(xtask::root()));
    ZipArchive::new(zip.expect("`cargo xtask package` was run")).unwrap()
}

/// In an empty folder.
fn unpacked() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    zip().extract(folder.path()).unwrap();
    folder
}

/// What is in the repository and belongs in the zip, by its name there.
fn sources() -> BTreeMap<String, Vec<u8>> {
    let read = |path: &str| fs::read(xtask::root().join(path)).unwrap();
    let functions = fs::read_dir(xtask::root().join("functions")).unwrap();
    let functions = functions.map(|folder| {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let definition = format!("{name}/function.json");
        let content = read(&format!("functions/{definition}"));
        (definition, content)
    });
    let host_json = ("host.json".to_owned(), read("host.json"));
    functions.chain([host_json]).collect()
}

#[test]
fn the_zip_has_the_handler_host_json_and_the_functions_alone() {
    let (mut zip, mut sources) = (zip(), sources());
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mode = entry.unix_mode().unwrap() & 0o7777;
        if name == "handler" {
            assert_eq!(mode, 0o755);
        } else {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            assert_eq!(Some(content), sources.remove(&name), "{name}");
            assert_eq!(mode, 0o644, "{name}");
        }
    }
    assert!(zip.index_for_name("handler").is_some());
    assert!(sources.is_empty(), "{:?}", sources.keys());
}

#[test]
fn packing_the_same_handler_again_gives_the_same_bytes() {
    let folder = unpacked();
    let handler = folder.path().join("handler");
    let again = folder.path().join("again.zip");
    pack(xtask::root(), &handler, Architecture::X86_64, &again).unwrap();
    let first = fs::read(xtask::packaged(xtask::root())).unwrap();
    assert!(first == fs::read(again).unwrap());
}

#[test]
fn binutils_too_sees_nothing_but_glibc_2_28() {
    let unpacked = unpacked();
    let seen = Command::new("readelf")
        .args(["--wide", "--file-header", "--dynamic", "--version-info"])
        .arg(unpacked.path().join("handler"))
        .output()
        .unwrap();
    let seen = String::from_utf8(seen.stdout).unwrap();
    assert!(seen.contains("Advanced Micro Devices X86-64"), "{seen}");
    for line in seen.lines().filter(|line| line.contains("(NEEDED)")) {
        let of_glibc = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"];
        let is_of_glibc = of_glibc
            .iter()
            .any(|name| line.ends_with(&format!("[{name}]")));
        assert!(is_of_glibc, "{line}");
    }
    for version in seen.split("GLIBC_2.").skip(1) {
        let minor = version.split(|c: char| !c.is_ascii_digit()).next().unwrap();
        assert!(minor.parse::<u32>().unwrap() <= 28, "GLIBC_2.{minor}");
    }
}

/// As App Service Authentication describes a caller to the app.
fn principal() -> String {
    let id = "http://schemas.microsoft.com/identity/claims/objectidentifier";
    let claims = [
        json!({"typ": id, "val": "ada"}),
        json!({"typ": "name", "val": "Ada"}),
    ];
    let principal = json!({"auth_typ": "aad", "claims": claims});
    BASE64_STANDARD.encode(principal.to_string())
}

#[tokio::test]
async fn the_unpacked_app_works_with_the_settings_of_its_deployment() {
    // For the client of this test.
    custom_handler::tls::install();
    let (folder, emulator) = (unpacked(), Emulator::start().await.unwrap());
    let identity = Identity::start(3_600).await;
    let settings = settings::deployed(&emulator.url(), &identity.url);
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let host = Host::start(folder.path(), &settings).await.unwrap();
    let request = |method: Method, path: &str| {
        let request = Client::new().request(method, format!("{}{path}", host.url()));
        request.header("x-ms-client-principal", principal())
    };
    for (path, content_type) in [
        ("/api/health/live", "application/json"),
        ("/api/health/ready", "application/json"),
        ("/api/openapi.json", "application/json"),
        ("/api/docs", "text/html"),
    ] {
        let answer = request(Method::GET, path).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        let found = headers["content-type"].to_str().unwrap();
        assert!(found.starts_with(content_type), "{path}: {found}");
    }
    a_workspace_lives_and_dies(request).await;
    assert_eq!(
        identity.state.asked.lock().unwrap()[0]["client_id"],
        settings::CLIENT_ID
    );
}
