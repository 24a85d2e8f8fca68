mod callers;

use super::*;
use cosmos_store::settings::{CredentialSettings, EntraCredential};
use custom_handler::settings::{
    DEFAULT_METRIC_INTERVAL, DEFAULT_PORT, DEFAULT_SERVICE_NAME, DEFAULT_TIMEOUT_SECONDS,
};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

fn read(pairs: &[(&str, &str)]) -> Settings {
    Settings::read(|name| {
        let found = pairs.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

const EMULATOR: [(&str, &str); 4] = [
    ("COSMOS_ENDPOINT", "http://127.0.0.1:8081"),
    ("COSMOS_DATABASE_NAME", "app"),
    ("COSMOS_CONTAINER_ID", "items"),
    ("AUTH_MODE", "dev"),
];

#[test]
fn every_problem_is_named_at_once() {
    let settings = read(&[
        ("COSMOS_ENDPOINT", " "),
        ("COSMOS_DATABASE_NAME", "<database>"),
        ("AUTH_MODE", "none"),
        ("REQUEST_TIMEOUT_SECONDS", "221"),
        ("FUNCTIONS_CUSTOMHANDLER_PORT", "http"),
    ]);
    assert!(matches!(settings.storage, StorageSettings::NotConfigured));
    assert_eq!(
        settings.problems,
        [
            "COSMOS_ENDPOINT is missing",
            "COSMOS_DATABASE_NAME is missing",
            "COSMOS_CONTAINER_ID is missing",
            "FUNCTIONS_CUSTOMHANDLER_PORT must be a whole number from 0 to 65535; 7071 is used instead",
            "REQUEST_TIMEOUT_SECONDS must be a whole number from 1 to 220; 30 is used instead",
            "AUTH_MODE must be `easy-auth`, `jwt` or `dev`",
        ]
    );
    assert_eq!(settings.process.request_timeout, Duration::from_secs(30));
}

#[test]
fn a_key_works_only_on_loopback() {
    let with_key = |endpoint| {
        let mut pairs = EMULATOR.to_vec();
        pairs[0].1 = endpoint;
        pairs.push(("COSMOS_KEY", "secret"));
        read(&pairs)
    };
    for local in [
        "http://127.0.0.1:8081",
        "https://localhost:8081",
        "http://[::1]:1",
    ] {
        assert!(with_key(local).problems.is_empty(), "{local}");
    }
    for remote in [
        "https://a.documents.azure.com",
        "https://localhost.example.com",
    ] {
        let settings = with_key(remote);
        assert!(matches!(settings.storage, StorageSettings::Misconfigured));
        assert!(settings.problems[0].starts_with("COSMOS_KEY is refused"));
    }
}

#[test]
fn the_names_of_credentials_mean_what_they_mean_in_azure_sdks() {
    use EntraCredential::{AzureCli, AzureDeveloperCli, ManagedIdentity, WorkloadIdentity};
    let managed_identity = ManagedIdentity { offered: false };
    for (name, expected) in [
        (
            "",
            &[
                WorkloadIdentity,
                managed_identity,
                AzureCli,
                AzureDeveloperCli,
            ][..],
        ),
        ("prod", &[WorkloadIdentity, managed_identity]),
        ("dev", &[AzureCli, AzureDeveloperCli]),
        ("workloadIdentityCredential", &[WorkloadIdentity]),
        ("ManagedIdentityCredential", &[managed_identity]),
        ("AzureCliCredential", &[AzureCli]),
        ("AZUREDEVELOPERCLICREDENTIAL", &[AzureDeveloperCli]),
    ] {
        let mut pairs = EMULATOR.to_vec();
        pairs.push(("AZURE_TOKEN_CREDENTIALS", name));
        let StorageSettings::Configured(settings) = read(&pairs).storage else {
            panic!("{name} is not configured");
        };
        let CredentialSettings::Entra { try_in_order, .. } = settings.credential else {
            panic!("{name} is not an Entra credential");
        };
        assert_eq!(try_in_order, expected, "{name}");
    }
    let mut pairs = EMULATOR.to_vec();
    pairs.push(("AZURE_TOKEN_CREDENTIALS", "DefaultAzureCredential"));
    let settings = read(&pairs);
    assert!(matches!(settings.storage, StorageSettings::Misconfigured));
    let problem = &settings.problems[0];
    assert!(
        problem.starts_with("AZURE_TOKEN_CREDENTIALS must be"),
        "{problem}"
    );
    assert!(
        problem.contains("`AzureDeveloperCliCredential`"),
        "{problem}"
    );
}

#[test]
fn dev_callers_are_refused_when_the_account_is_remote() {
    let mut pairs = EMULATOR.to_vec();
    pairs[0].1 = "https://a.documents.azure.com";
    let settings = read(&pairs);
    assert_eq!(settings.auth_mode, None);
    assert!(settings.problems[0].starts_with("AUTH_MODE `dev` is refused"));
    assert_eq!(read(&EMULATOR).auth_mode, Some(AuthMode::Dev));
    assert_eq!(read(&EMULATOR[3..]).auth_mode, Some(AuthMode::Dev));
}

#[test]
fn plain_http_is_refused_beyond_loopback() {
    for endpoint in ["http://a.documents.azure.com", "ftp://127.0.0.1", "account"] {
        let mut pairs = EMULATOR.to_vec();
        pairs[0].1 = endpoint;
        let settings = read(&pairs);
        assert!(matches!(settings.storage, StorageSettings::Misconfigured));
        assert!(settings.problems[0].starts_with("COSMOS_ENDPOINT must be"));
    }
}

#[test]
fn a_key_is_never_printed() {
    let mut pairs = EMULATOR.to_vec();
    pairs.push(("COSMOS_KEY", "c2VjcmV0"));
    assert!(!format!("{:?}", read(&pairs)).contains("c2VjcmV0"));
}

#[test]
fn the_table_of_settings_tells_the_defaults_that_hold() {
    for (name, default) in [
        ("FUNCTIONS_CUSTOMHANDLER_PORT", DEFAULT_PORT.to_string()),
        (
            "REQUEST_TIMEOUT_SECONDS",
            DEFAULT_TIMEOUT_SECONDS.to_string(),
        ),
        ("OTEL_SERVICE_NAME", format!("`{DEFAULT_SERVICE_NAME}`")),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            DEFAULT_METRIC_INTERVAL.to_string(),
        ),
    ] {
        let setting = table::all().find(|setting| setting.name == name).unwrap();
        let said = format!("default {default}");
        assert!(setting.about.contains(&said), "{name}: {said}");
    }
}

#[test]
fn the_table_has_every_setting_that_is_read() {
    let asked = RefCell::new(BTreeSet::new());
    for mode in ["jwt", "easy-auth", "dev"] {
        Settings::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            match name {
                "AUTH_MODE" => Some(mode.to_owned()),
                "WEBSITE_AUTH_ENABLED" => Some("True".to_owned()),
                "COSMOS_ENDPOINT" => Some("https://a.documents.azure.com".to_owned()),
                "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://127.0.0.1:1".to_owned()),
                _ => None,
            }
        });
    }
    // They only tell where the process runs.
    let mut asked = asked.into_inner();
    assert!(asked.remove("FUNCTIONS_CUSTOMHANDLER_WORKER_ID"));
    assert!(asked.remove("IDENTITY_ENDPOINT"));
    let named = table::all().map(|setting| setting.name.to_owned());
    let named: BTreeSet<_> = named.collect();
    assert_eq!(asked.difference(&named).next(), None);
    assert!(asked.len() > 15);
}
