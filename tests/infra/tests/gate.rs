//! The gate: what is in the repository has no findings.

use infra_tests::checks;
use infra_tests::infra::Infra;
use infra_tests::repository::Repository;

#[test]
fn what_is_deployed_has_no_findings() {
    let infra = Infra::of(Repository::read().unwrap()).unwrap();
    let found = checks::run(&infra);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_app_settings_are_told_by_name() {
    let settings = infra_tests::app_settings().unwrap();
    assert_eq!(settings["COSMOS_ENDPOINT"], "cosmosEndpoint");
    assert_eq!(
        settings["AZURE_TOKEN_CREDENTIALS"],
        "'ManagedIdentityCredential'"
    );
}
