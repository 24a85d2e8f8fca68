use crate::Repository;
use cosmos_functions::settings::{Settings, table};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Settings of the handler that are not set in Azure: there are no keys there, headers hold a token as a rule, so a
/// person sets them, and the defaults of the rest are right.
const ABSENT: [&str; 6] = [
    "AZURE_COSMOS_BINARY_ENCODING_ENABLED",
    "COSMOS_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_SERVICE_NAME",
    "OTEL_METRIC_EXPORT_INTERVAL",
];

/// Of the host, whatever they are called exactly.
const HOST: [&str; 2] = ["AzureWebJobsStorage__", "APPLICATIONINSIGHTS_"];

/// The handler gets every setting it reads, nobody else gets any but the host, and the handler finds nothing wrong.
pub(super) fn settings(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    let ours = table::all().filter(|setting| !setting.is_set_for_us());
    let ours: BTreeSet<_> = ours.map(|setting| setting.name).collect();
    let ours = &ours - &BTreeSet::from(ABSENT);
    for snapshot in repository.snapshots() {
        let mut given = snapshot.resources("settings");
        let given = given.find_map(|one| one["values"].as_object()).unwrap();
        let names = given.keys().map(String::as_str);
        let names = names.filter(|name| !HOST.iter().any(|start| name.starts_with(start)));
        for name in &names.collect::<BTreeSet<_>>() ^ &ours {
            found.push(format!("{}: setting {name}", snapshot.name));
        }
        let read = Settings::read(
            |name| match (name, given.get(name).and_then(Value::as_str)) {
                ("WEBSITE_AUTH_ENABLED", _) => Some("True".to_owned()),
                // Without a mode it is closed, on purpose.
                ("AUTH_MODE", Some("")) => Some("easy-auth".to_owned()),
                (_, value) => value.map(in_azure),
            },
        );
        for problem in read.problems {
            found.push(format!("{}: {problem}", snapshot.name));
        }
    }
    found
}

/// What only Azure can evaluate is an expression in brackets.
fn in_azure(value: &str) -> String {
    if value.ends_with(".documentEndpoint]") {
        return "https://account.documents.azure.com".to_owned();
    }
    value.replace(['[', ']'], "")
}

/// The container is the handler's, everything with a place is tagged, and every alert is explained, looks at something
/// that is deployed, and at metrics whose source is known.
pub(super) fn agree(repository: &Repository) -> Vec<String> {
    let mut container: Value =
        serde_json::from_str(repository.text("infra/container.json")).unwrap();
    container["id"] = json!("items");
    let explained = repository.text("docs/operate.md");
    let mut found = Vec::new();
    for snapshot in repository.snapshots() {
        for resource in &snapshot.resources {
            let name = resource["name"].as_str().unwrap_or_default();
            let scope = &resource["properties"]["scopes"][0];
            let defined = &resource["properties"]["resource"];
            let alert = name.rsplit_once('-').filter(|_| name.starts_with("alert-"));
            let is_wrong = !resource["location"].is_null()
                && resource["tags"]["azd-env-name"] != "example"
                || !scope.is_null() && snapshot.resources.iter().all(|other| other["id"] != *scope)
                || defined.get("partitionKey").is_some() && *defined != container
                || alert.is_some_and(|(alert, _)| !explained.contains(&format!("\n## {alert}\n")))
                || metrics(resource).any(|name| !explained.contains(&format!("`{name}`")));
            found.extend(is_wrong.then(|| format!("{}: {name}", snapshot.name)));
        }
    }
    found
}

/// The names of what an alert on metrics looks at: metrics and their dimensions.
fn metrics(alert: &Value) -> impl Iterator<Item = &str> {
    let criteria = alert["properties"]["criteria"]["allOf"].as_array();
    let criteria = criteria.into_iter().flatten();
    criteria.flat_map(|one| {
        let metric = one["metricName"].as_str();
        let dimensions = metric.and(one["dimensions"].as_array());
        let names = dimensions.into_iter().flatten();
        metric
            .into_iter()
            .chain(names.filter_map(|one| one["name"].as_str()))
    })
}

/// `main.bicep`, what azd reads, the table in the README and the production set have the same parameters.
#[expect(
    clippy::too_many_lines,
    reason = "one look at each line, for all of them"
)]
pub(super) fn parameters(repository: &Repository) -> Vec<String> {
    let values: Value =
        serde_json::from_str(repository.text("infra/main.parameters.json")).unwrap();
    let production = repository.text("infra/production.env");
    let evaluated = repository
        .text("infra/snapshots/production.bicepparam")
        .replace('\'', "");
    let readme = repository.text("infra/README.md");
    let (mut found, mut variables, mut about) = (Vec::new(), Vec::new(), "");
    for line in repository.text("infra/main.bicep").lines() {
        about = line
            .strip_prefix("@description('")
            .map_or(about, |text| text.trim_end_matches("')"));
        let Some((name, rest)) = line
            .strip_prefix("param ")
            .and_then(|rest| rest.split_once(' '))
        else {
            continue;
        };
        let default = rest.split_once(" = ").map_or("", |(_, default)| default);
        let given = values["parameters"][name]["value"]
            .as_str()
            .unwrap_or_default();
        let given = given.trim_start_matches("${").trim_end_matches('}');
        let (variable, value) = given.split_once('=').unwrap_or((given, ""));
        let set = production
            .lines()
            .find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
        let row = format!(
            "| `{variable}` | `{default}` | `{}` | {about} |",
            set.unwrap_or_default()
        )
        .replace("``", "");
        let is_evaluated =
            set.is_none_or(|value| evaluated.contains(&format!("param {name} = {value}\n")));
        if value != default.trim_matches('\'') || !readme.contains(&row) || !is_evaluated {
            found.push(format!(
                "{name}: `{given}` in main.parameters.json; production.bicepparam; README: {row}"
            ));
        }
        variables.push(variable.to_owned());
    }
    let set = production.lines().filter_map(|line| line.split_once('='));
    found.extend(
        set.filter(|(name, _)| !variables.iter().any(|known| known == name))
            .map(|(name, _)| name.to_owned()),
    );
    let given = values["parameters"].as_object().unwrap().len();
    found.extend((given != variables.len()).then(|| "main.parameters.json".to_owned()));
    found
}
