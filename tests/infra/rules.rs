use crate::{Repository, Snapshot};
use cosmos_functions::settings::{SETTINGS, Settings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Settings of the handler that are not set in Azure: there are no keys there, headers hold a token as a rule, so a
/// person sets them, and the defaults of the rest are right.
const ABSENT: [&str; 5] = [
    "COSMOS_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_SERVICE_NAME",
    "OTEL_METRIC_EXPORT_INTERVAL",
];

/// Flex Consumption refuses everything else in `siteConfig`.
pub(super) fn flex(repository: &Repository) -> Vec<String> {
    let snapshots = repository.snapshots();
    let sites = snapshots
        .iter()
        .flat_map(|one| one.of("Microsoft.Web/sites"));
    let configs = sites.filter_map(|site| site["properties"]["siteConfig"].as_object());
    let names = configs.flat_map(|config| config.keys().cloned());
    names
        .filter(|name| !["appSettings", "cors", "minTlsVersion"].contains(&name.as_str()))
        .collect()
}

/// The app has three roles, who deploys the one that was asked for, and nobody else any.
pub(super) fn roles(repository: &Repository) -> Vec<String> {
    let app = [
        "app blob b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "app metrics 3913510d-42f4-4e42-8a64-420c390055eb",
        "app items 00000000-0000-0000-0000-000000000002",
    ];
    let of = |one: Snapshot| {
        let all = one
            .resources
            .iter()
            .filter(|one| one["type"].as_str().unwrap().ends_with("oleAssignments"));
        let given: BTreeSet<_> = all.map(role).collect();
        let developer = match one.name.as_str() {
            "easy-auth" => Some("developer items 00000000-0000-0000-0000-000000000002"),
            "tokens" => Some("developer items 00000000-0000-0000-0000-000000000001"),
            _ => None,
        };
        let expected = app
            .into_iter()
            .chain(developer)
            .map(str::to_owned)
            .collect();
        (given != expected).then(|| format!("{}: roles {given:?}", one.name))
    };
    repository.snapshots().into_iter().filter_map(of).collect()
}

fn role(assignment: &Value) -> String {
    let given = &assignment["properties"];
    let is_app = given["principalId"]
        .as_str()
        .unwrap()
        .contains("userAssignedIdentities");
    let on = given["scope"]
        .as_str()
        .or(assignment["id"].as_str())
        .unwrap();
    let places = [
        ("/storageAccounts/", "blob"),
        ("/components/", "metrics"),
        ("/dbs/app/colls/items", "items"),
    ];
    let place = places
        .iter()
        .find(|(part, _)| on.contains(part))
        .map_or(on, |(_, name)| name);
    let id = given["roleDefinitionId"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    format!("{} {place} {id}", if is_app { "app" } else { "developer" })
}

/// The host and the handler get every setting they read and no other, and the handler finds nothing wrong.
pub(super) fn settings(repository: &Repository) -> Vec<String> {
    let of = |one: Snapshot| {
        let given: BTreeMap<_, _> = one.of("Microsoft.Web/sites").flat_map(given).collect();
        let names: BTreeSet<_> = given
            .keys()
            .map(String::as_str)
            .filter(|name| !is_of_host(name))
            .collect();
        let ours = SETTINGS
            .iter()
            .filter(|setting| !setting.by_azure)
            .map(|setting| setting.name);
        let ours = ours.filter(|name| !ABSENT.contains(name)).collect();
        let mut found: Vec<_> = names
            .symmetric_difference(&ours)
            .map(|name| format!("setting {name}"))
            .collect();
        let read = Settings::read(|name| match name {
            "WEBSITE_AUTH_ENABLED" => Some("True".to_owned()),
            _ => given.get(name).cloned(),
        });
        // Without a mode it is closed, on purpose.
        let closed = !["easy-auth", "production", "tokens"].contains(&one.name.as_str());
        found.extend(
            read.problems
                .into_iter()
                .filter(|problem| !closed || !problem.starts_with("AUTH_MODE")),
        );
        found.extend((read.auth_mode.is_some() == closed).then(|| "AUTH_MODE".to_owned()));
        let of_host = given.len() - names.len() == 5
            && given
                .get("AzureWebJobsStorage__credential")
                .is_some_and(|by| by == "managedidentity");
        found.extend((!of_host).then(|| "settings of the host".to_owned()));
        found
            .into_iter()
            .map(move |problem| format!("{}: {problem}", one.name))
    };
    repository.snapshots().into_iter().flat_map(of).collect()
}

fn is_of_host(name: &str) -> bool {
    name.starts_with("AzureWebJobsStorage__") || name.starts_with("APPLICATIONINSIGHTS_")
}

/// What only Azure can evaluate is an expression in brackets.
fn given(site: &Value) -> impl Iterator<Item = (String, String)> {
    let settings = site["properties"]["siteConfig"]["appSettings"]
        .as_array()
        .unwrap();
    settings.iter().map(|setting| {
        let value = match setting["value"].as_str().unwrap() {
            value if value.ends_with(".documentEndpoint]") => "https://account.documents.azure.com",
            value if value.starts_with('[') => "example",
            value => value,
        };
        (
            setting["name"].as_str().unwrap().to_owned(),
            value.to_owned(),
        )
    })
}

/// The container is the handler's, everything with a place is tagged, and every alert is explained and looks at
/// something that is deployed.
pub(super) fn agree(repository: &Repository) -> Vec<String> {
    let mut container = repository.json("infra/container.json");
    container["id"] = json!("items");
    let of = |one: Snapshot| {
        let mut found = Vec::new();
        for resource in &one.resources {
            let properties = &resource["properties"];
            let scope = &properties["scopes"][0];
            let name = resource["name"].as_str().unwrap_or_default();
            let alert = name.rsplit_once('-').filter(|_| name.starts_with("alert-"));
            let explained = alert.is_none_or(|(alert, _)| {
                repository
                    .text("docs/operate.md")
                    .contains(&format!("\n## {alert}\n"))
            });
            let is_wrong = !resource["location"].is_null()
                && resource["tags"]["azd-env-name"] != "example"
                || !scope.is_null() && one.resources.iter().all(|other| other["id"] != *scope)
                || properties["resource"].get("partitionKey").is_some()
                    && properties["resource"] != container
                || !explained;
            found.extend(is_wrong.then(|| format!("{}: {name}", one.name)));
        }
        found
    };
    repository.snapshots().into_iter().flat_map(of).collect()
}
