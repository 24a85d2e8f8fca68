use crate::Finding;
use crate::bicep::Expression;
use crate::infra::Infra;

/// All that Flex Consumption takes in `siteConfig`.
const SITE_CONFIG: [&str; 3] = ["minTlsVersion", "appSettings", "cors"];

/// Addresses that are others in other clouds: `environment()` has them.
const OF_ONE_CLOUD: [&str; 5] = [
    "core.windows.net",
    "login.microsoftonline.com",
    "management.azure.com",
    "database.windows.net",
    "vault.azure.net",
];

/// What there are alerts on, by what their rules have in them.
const ALERTS: [(&str, &str); 4] = [
    ("5xx answers", "'requests | where toint(resultCode) >= 500'"),
    ("throttling", "['429']"),
    (
        "request units of a serverless account",
        "'TotalRequestUnits'",
    ),
    ("request units of another one", "'NormalizedRUConsumption'"),
];

pub(super) fn alerts(infra: &Infra) -> Vec<Finding> {
    let kinds = [
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/metricAlerts",
    ];
    let rules = kinds.iter().flat_map(|kind| infra.resources_of(kind));
    let parts: Vec<_> = rules.flat_map(|(_, rule)| rule.body.all()).collect();
    let missing = ALERTS
        .iter()
        .filter(|(_, text)| parts.iter().all(|part| part.text != *text));
    missing
        .map(|(what, _)| Finding::new("infra", 0, format!("there is no alert on {what}")))
        .collect()
}

pub(super) fn site(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, resource) in infra.resources_of("Microsoft.Web/sites") {
        let config = resource.body.at("properties.siteConfig");
        let properties = config.map_or(&[][..], Expression::properties);
        for property in properties {
            if !SITE_CONFIG.contains(&property.name.as_str()) {
                let message = format!("Flex Consumption refuses siteConfig.{}", property.name);
                found.push(Finding::new(&file.path, property.line, message));
            }
        }
    }
    for (file, resource) in infra.resources() {
        let location = resource.body.at("location").and_then(Expression::string);
        if location.is_some_and(|location| location != "global") {
            let message = "a region is a parameter";
            found.push(Finding::new(&file.path, resource.line, message));
        }
    }
    for file in infra.files() {
        for expression in file.expressions().flat_map(Expression::all) {
            let Some(text) = expression.string() else {
                continue;
            };
            if let Some(address) = OF_ONE_CLOUD.iter().find(|address| text.contains(**address)) {
                let message = format!("{address} is of one cloud only");
                found.push(Finding::new(&file.path, expression.line, message));
            }
        }
    }
    found
}
